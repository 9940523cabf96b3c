package io.github.pocketbert

import kotlin.math.sqrt
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

/** Texts that are longer than the network, and texts that are compared with each other. */
class LongTextTest {
    private fun checkpoint(name: String) = Pocketbert.open(Models.of("tests/golden/$name", "--weights", "fp32"))

    @Test
    fun `entities of a long text are those of its parts, each once`() {
        Pocketbert.open(Models.tagger).use { model ->
            val part = "Sarah lives in Berlin. "
            model.session(maxTokens = 32).use { session ->
                val text = part.repeat(100)
                assertTrue(session.tag(text).truncated)
                val all = session.tag(text, stride = 8)
                assertFalse(all.truncated)
                assertTrue("${all.size} entities", all.size > session.tag(text).size)
                all.zipWithNext { a, b -> assertTrue(a.end <= b.begin) }
                for (entity in all) assertEquals(entity.word, text.substring(entity.begin, entity.end))
                // A text that fits is one window.
                assertEquals(session.tag(part).toList(), session.tag(part, stride = 8).toList())
                failure<PocketbertException> { session.tag(text, stride = 32) }
                failure<IllegalArgumentException> { session.tag(text, stride = -1) }
            }
        }
    }

    @Test
    fun `a long text is classified and embedded as a whole`() {
        Pocketbert.open(Models.demo).use { model ->
            model.session(maxTokens = 16).use { session ->
                val answer = session.classify("play some jazz ".repeat(100), stride = 4)
                assertFalse(answer.truncated)
                assertEquals(session.classify("play some jazz").label, answer.label)
                failure<PocketbertException> { session.classify("a", "b", stride = 4) }
            }
        }
        checkpoint("architectures/electra-feature-extraction").use { model ->
            model.session(maxTokens = 16).use { session ->
                val vector = session.embed("hello world ".repeat(100), pooling = Pooling.MEAN, normalize = true, stride = 4)
                assertFalse(vector.truncated)
                assertEquals(1.0, vector.values.sumOf { it.toDouble() * it }, 1e-4)
            }
        }
    }

    @Test
    fun `texts are compared by the cosine of their vectors`() {
        checkpoint("architectures/electra-feature-extraction").use { model ->
            model.session().use { session ->
                val (a, b) = listOf("hello", "the weather").map { session.embed(it, pooling = Pooling.MEAN) }
                val product = a.values.zip(b.values).sumOf { (x, y) -> x.toDouble() * y }
                val lengths = listOf(a, b).map { v -> sqrt(v.values.sumOf { it.toDouble() * it }) }
                assertEquals(product / (lengths[0] * lengths[1]), a.similarity(b).toDouble(), 1e-5)
                assertEquals(1f, a.similarity(a), 1e-5f)
            }
        }
    }

    @Test
    fun `candidates come in the order of their scores as pairs`() {
        checkpoint("checkpoints/distilbert-regression").use { model ->
            model.session().use { session ->
                val candidates = listOf("the weather", "a", "hello there \uD83D\uDE00", "play music")
                val expected = candidates.map { it to session.classify("hello", it).score }.sortedByDescending { it.second }
                val ranked = session.rerank("hello", candidates)
                assertEquals(expected.map { it.first }, ranked.map { it.text })
                expected.zip(ranked).forEach { (want, got) -> assertEquals(want.second, got.score, 1e-5f) }
                ranked.forEach { assertEquals(it.text, candidates[it.index]) }
                failure<IllegalArgumentException> { session.rerank("hello", emptyList()) }
            }
        }
        Pocketbert.open(Models.demo).use { model -> model.session().use { failure<PocketbertException> { it.rerank("a", listOf("b")) } } }
    }
}
