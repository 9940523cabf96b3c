package io.github.pocketbert

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Test

class SuspendingSessionTest {
    @Test
    fun `coroutines take turns where threads would be refused`() {
        Pocketbert.open(Models.demo).use { model ->
            val expected = model.session().use { it.classify("play some jazz") }
            model.session().use { session ->
                runBlocking {
                    val answers = List(50) { async(Dispatchers.Default) { session.suspending().classify("play some jazz") } }
                    answers.awaitAll().forEach { assertEquals(expected, it) }
                }
            }
        }
    }
}
