package io.github.pocketbert

import java.io.File

/** Models for the tests, converted from the repository's checkpoints when first asked for. */
internal object Models {
    private val root = File(System.getProperty("pocketbert.root"))
    private val folder = File(root, "build/android/models")

    val demo: File by lazy { of("platforms/demo/checkpoint", "--eval", "platforms/demo/validation.csv") }
    val tagger: File by lazy { of("tests/golden/architectures/roberta-token-classification", "--weights", "fp32") }
    val masked: File by lazy { of("tests/golden/architectures/electra-fill-mask", "--weights", "fp32") }

    fun file(path: String) = File(root, path)

    @Synchronized
    fun of(checkpoint: String, vararg options: String): File {
        val model = File(folder, (listOf(checkpoint) + options).joinToString("").replace('/', '-') + ".pbert")
        val converter = System.getProperty("pocketbert.command")
        // What an older converter wrote may be of an older format.
        if (model.lastModified() < File(converter).lastModified()) {
            folder.mkdirs()
            val command = listOf(converter, "convert", checkpoint, "-o", model.path, *options)
            val process = ProcessBuilder(command).directory(root).redirectErrorStream(true).start()
            val output = process.inputStream.reader().readText()
            check(process.waitFor() == 0) { "$command\n$output" }
        }
        return model
    }
}

internal inline fun <reified T : Throwable> failure(block: () -> Unit): T {
    try {
        block()
    } catch (e: Throwable) {
        if (e is T) return e
        throw e
    }
    throw AssertionError("nothing was thrown")
}

/** How much memory the process has in use. */
internal fun residentKilobytes(): Long =
    File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }.filter { it.isDigit() }.toLong()
