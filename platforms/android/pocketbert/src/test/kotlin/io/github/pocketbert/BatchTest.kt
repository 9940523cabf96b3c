package io.github.pocketbert

import io.github.pocketbert.PocketbertException.Status
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** Several texts at once have the answers of one by one, in order, and an error says which of them. */
class BatchTest {
    private val embedder by lazy { Models.of("tests/golden/architectures/electra-feature-extraction", "--weights", "fp32") }

    private val texts = Models.file("platforms/demo/sentences.txt").readLines() +
        listOf("", "naïve \uD83D\uDE00", "\uD83D alone", "jazz ".repeat(200))

    // Backend.AUTO may be XNNPACK, of which pbert_classify_batch does not promise the same bits.
    private fun Model.nativeSession() = session(maxTokens = 64, backend = Backend.NATIVE)

    @Test
    fun `classified together as one by one`() {
        Pocketbert.open(Models.demo).use { model ->
            model.nativeSession().use { session ->
                assertEquals(texts.map { session.classify(it) }, session.classifyAll(texts))
                assertEquals(texts.map { session.classify(it, stride = 8) }, session.classifyAll(texts, stride = 8))
                assertTrue(session.classifyAll(texts).last().truncated)
                assertEquals(emptyList<Classification>(), session.classifyAll(emptyList()))
            }
            // A local reference for each text would be too many for Android's table of 512.
            model.session(maxTokens = 8, backend = Backend.NATIVE).use { session ->
                val many = List(2_000) { "alarm $it" }
                assertEquals(many.map { session.classify(it).label }, session.classifyAll(many).map { it.label })
            }
        }
    }

    @Test
    fun `embedded together as one by one`() {
        Pocketbert.open(embedder).use { model ->
            model.session(maxTokens = 64).use { session ->
                for (pooling in Pooling.entries) {
                    val normalize = pooling != Pooling.TOKENS // of which there is no normalizing
                    val all = session.embedAll(texts, pooling, normalize)
                    assertEquals(texts.size, all.size)
                    texts.zip(all).forEach { (text, embedding) ->
                        val alone = session.embed(text, pooling = pooling, normalize = normalize)
                        assertEquals(alone.truncated, embedding.truncated)
                        assertEquals(alone.rows.size, embedding.rows.size)
                        alone.rows.zip(embedding.rows).forEach { (want, got) -> assertArrayEquals(want, got, 1e-5f) }
                    }
                }
            }
        }
    }

    @Test
    fun `an error names the text`() {
        Pocketbert.open(Models.demo).use { model ->
            model.session(maxTokens = 16).use { session ->
                val error = failure<PocketbertException> { session.classifyAll(listOf("a", "b", "jazz ".repeat(200), "c"), stride = 16) }
                assertEquals(Status.INVALID_ARGUMENT, error.status)
                assertTrue(error.message!!, error.message!!.startsWith("inputs[2]: "))
                failure<PocketbertException> { session.embedAll(listOf("a")) }
                failure<IllegalArgumentException> { session.classifyAll(listOf("a"), stride = -1) }
                assertEquals("alarm", session.classifyAll(listOf("set an alarm for six thirty in the morning")).single().label)
            }
        }
    }
}
