package io.github.pocketbert

/**
 * An open `.pbert` file. Thread-safe; any number of sessions and threads may share it, and it may be closed before they are.
 * Close it, or the garbage collector does one day.
 */
public class Model internal constructor(open: Handle.Open) : AutoCloseable {
    private val handle = Handle(this, "model", exclusive = false, Natives::closeModel, open)
    private val info = handle.use { Natives.info(it) }

    public val task: Task = Task.entries[info[0]]
    public val problemType: ProblemType = ProblemType.entries[info[1]]

    /** The labels' names. */
    public val labels: List<String> = handle.use { model -> List(info[2]) { Natives.label(model, it) ?: "" } }

    /** The longest input, special tokens included. */
    public val maxTokens: Int get() = info[3]
    public val vocabularySize: Int get() = info[4]
    public val hiddenSize: Int get() = info[5]
    public val layerCount: Int get() = info[6]

    /** A best score below it means "not understood"; null: the file has none. */
    public val rejectThreshold: Float? get() = Float.fromBits(info[7]).takeIf { it >= 0 }

    /**
     * What questions are asked of: it has a fixed working memory of its own, so asking takes no other.
     *
     * @param maxTokens the longest input of this session, at most the model's; memory grows with it. 0: the model's
     * @param threads 1 to 64, the calling one included
     */
    @JvmOverloads
    public fun session(maxTokens: Int = 0, threads: Int = 1, backend: Backend = Backend.AUTO): Session {
        require(maxTokens >= 0) { "maxTokens is $maxTokens" }
        require(threads in 1..64) { "threads is $threads, and not 1 to 64" }
        val model = handle.retain() // and released by the session, which may outlive this
        try {
            return Session(this, handle, model) { Natives.openSession(model, maxTokens, threads, backend.ordinal) }
        } catch (e: Throwable) {
            handle.release()
            throw e
        }
    }

    /** All tokens of a text, or of a text and its pair, special ones included; nothing is cut. */
    @JvmOverloads
    public fun tokenize(text: String, pair: String? = null): List<Token> = handle.use { model ->
        val rows = Rows(Natives.tokenize(model, text, pair), columns = 4)
        rows.map {
            val id = int(0)
            Token(Natives.piece(model, id), id, int(2), int(3), Token.Source.entries[int(1)])
        }
    }

    override fun close(): Unit = handle.close()
}
