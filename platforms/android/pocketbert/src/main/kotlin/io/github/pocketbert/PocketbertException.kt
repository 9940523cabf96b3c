package io.github.pocketbert

/** What the library refused, and why: [message] is "where: why", in English, as the C interface words it. */
public class PocketbertException internal constructor(
    public val status: Status,
    message: String,
    cause: Throwable? = null,
) : RuntimeException(message, cause) {
    /** Called by natives.cc with a pbert_status. */
    internal constructor(status: Int, message: String) : this(Status.entries[status - 1], message)

    /** The kinds of failure, in the order of pbert_status. */
    public enum class Status {
        /** A rule of the interface was broken. */
        INVALID_ARGUMENT,

        /** The operating system refused a file or a mapping. */
        IO,

        /** Not a .pbert file, damaged, or inconsistent. */
        BAD_FILE,

        /** Well formed, but this version of the library cannot do it. */
        UNSUPPORTED,

        /** There is too little native memory. */
        NO_MEMORY,
    }
}
