package io.github.pocketbert

import kotlin.random.Random
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** Strings are UTF-16 on one side and UTF-8 on the other; nothing that a string can hold may get lost or out of place between. */
class TextTest {
    private fun wellFormed(text: String) = text.toByteArray(Charsets.UTF_16LE).toString(Charsets.UTF_16LE)

    @Test
    fun `places are in UTF-16 units`() {
        Pocketbert.open(Models.demo).use { model ->
            val text = "😀😀 book 漢字 a\u0301 cafe\u0301"
            val words = model.tokenize(text).filter { it.source == Token.Source.TEXT }.map { text.substring(it.begin, it.end) }
            assertTrue("$words", words.containsAll(listOf("book", "漢", "字")))
        }
    }

    @Test
    fun `half a surrogate pair is read as one replacement character`() {
        Pocketbert.open(Models.tagger).use { model ->
            for (text in listOf("a \uD83D b", "\uDE00", "\uD83D", "x\uDE00\uD83Dy", "\uD83D\uD83D\uDE00", "Berlin \uD800")) {
                val replaced = wellFormed(text)
                assertEquals(text.length, replaced.length)
                assertEquals(model.tokenize(replaced), model.tokenize(text))
            }
        }
    }

    @Test
    fun `a zero character and an empty string are text`() {
        Pocketbert.open(Models.demo).use { model ->
            val text = "book a\u0000 table"
            assertEquals("table", model.tokenize(text).dropLast(1).last().let { text.substring(it.begin, it.end) })
            model.session().use { assertEquals(2, it.classify("").tokenCount) }
        }
    }

    @Test
    fun `an empty pair is a pair`() {
        Pocketbert.open(Models.demo).use { model ->
            assertEquals(model.tokenize("a").size + 1, model.tokenize("a", "").size)
        }
    }

    @Test
    fun `random strings keep every token in its place`() {
        val random = Random(17)
        val alphabet = "ab Zz09.,-'\"\u0000\t\n\u00e9\u0301\u0130\u1e9e\u4e2d\ufb01\ufdfa\u200d\ufe0f\uac00\ud83d\ude00\ud83c\uddee\ufffd\uffff"
        Pocketbert.open(Models.tagger).use { model ->
            model.session(maxTokens = 64).use { session ->
                repeat(5_000) {
                    val text = String(CharArray(random.nextInt(40)) { alphabet.random(random) })
                    val tokens = model.tokenize(text)
                    assertEquals(model.tokenize(wellFormed(text)), tokens)
                    var end = 0
                    for (token in tokens.filter { it.source == Token.Source.TEXT }) {
                        assertTrue(token.begin in 0..token.end && token.end in end..text.length)
                        end = token.end
                    }
                    for (entity in session.tag(text, Aggregation.NONE)) {
                        assertEquals(entity.word, text.substring(entity.begin, entity.end))
                    }
                }
            }
        }
    }

    @Test
    fun `a megabyte is classified, and said to be cut`() {
        Pocketbert.open(Models.demo).use { model ->
            model.session().use { session ->
                val answer = session.classify("play some jazz 😀 ".repeat(60_000))
                assertTrue(answer.truncated)
                assertEquals(model.maxTokens, answer.tokenCount)
            }
        }
    }
}
