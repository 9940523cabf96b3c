package io.github.pocketbert

import io.github.pocketbert.PocketbertException.Status
import java.io.File
import java.nio.ByteBuffer
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** What is refused says what, where and why, and changes nothing. */
class ErrorTest {
    private fun refused(status: Status, words: String, block: () -> Unit) {
        val error = failure<PocketbertException> { block() }
        assertEquals(status, error.status)
        assertTrue(error.message!!, error.message!!.contains(words))
    }

    @Test
    fun `files that are none, or broken`() {
        refused(Status.IO, "/nowhere/😀é.pbert: ") { Pocketbert.open("/nowhere/😀é.pbert") }
        failure<IllegalArgumentException> { Pocketbert.open("${Models.demo.path}\u0000.txt") }
        refused(Status.IO, "is a directory") { Pocketbert.open(File("/")) }
        val file = File.createTempFile("broken", ".pbert")
        file.writeText("this is no model at all, whatever its name says")
        refused(Status.BAD_FILE, file.name) { Pocketbert.open(file) }
        val bytes = Models.tagger.readBytes()
        bytes[bytes.size - 1] = (bytes.last() + 1).toByte()
        file.writeBytes(bytes)
        Pocketbert.open(file).close()
        refused(Status.BAD_FILE, "checksum") { Pocketbert.open(file, verify = true) }
        file.writeBytes(bytes.copyOf(bytes.size / 2))
        refused(Status.BAD_FILE, file.name) { Pocketbert.open(file) }
        file.delete()
        refused(Status.BAD_FILE, "") { Pocketbert.open(ByteBuffer.allocateDirect(64)) }
        failure<IllegalArgumentException> { Pocketbert.open(ByteBuffer.allocate(64)) }
    }

    @Test
    fun `questions that the model cannot answer`() {
        Pocketbert.open(Models.demo).use { model ->
            model.session().use { session ->
                refused(Status.UNSUPPORTED, "tag: this model's task is") { session.tag("a") }
                refused(Status.UNSUPPORTED, "this model's task is") { session.answer("a", "b") }
                refused(Status.UNSUPPORTED, "this model's task is") { session.fillMask("a") }
                assertEquals("alarm", session.classify("set an alarm for six thirty in the morning").label)
            }
            refused(Status.INVALID_ARGUMENT, "max_tokens") { model.session(maxTokens = 100_000) }
            failure<IllegalArgumentException> { model.session(threads = 0) }
            failure<IllegalArgumentException> { model.session(maxTokens = -1) }
        }
        Pocketbert.open(Models.masked).use { model ->
            model.session().use { session ->
                failure<IllegalArgumentException> { session.fillMask("[MASK]", topK = 0) }
                failure<IllegalArgumentException> { session.fillMask("[MASK]", targets = emptyList()) }
                val unknown = failure<IllegalArgumentException> { session.fillMask("[MASK]", targets = listOf("no such")) }
                assertTrue(unknown.message!!.contains("no such"))
                refused(Status.INVALID_ARGUMENT, "the text has no [MASK]") { session.fillMask("there is nothing to fill") }
                assertEquals(model.vocabularySize, session.fillMask("[MASK]", topK = Int.MAX_VALUE).single().size)
                assertEquals(3, session.fillMask("[MASK] [MASK] [MASK]", topK = 30).size)
            }
        }
    }
}
