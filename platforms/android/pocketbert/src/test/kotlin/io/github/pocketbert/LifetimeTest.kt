package io.github.pocketbert

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel
import java.nio.file.StandardOpenOption
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** Native memory goes when it should and not before, whoever closes what, when and on which thread. */
class LifetimeTest {
    private fun mappings() = File("/proc/self/maps").readLines().count { it.endsWith(Models.tagger.path) }

    @Test
    fun `what is closed says so`() {
        val model = Pocketbert.open(Models.demo)
        val session = model.session(maxTokens = 16)
        session.close()
        session.close()
        assertEquals("this session is closed", failure<IllegalStateException> { session.classify("hello") }.message)
        model.close()
        model.close()
        assertEquals("this model is closed", failure<IllegalStateException> { model.session() }.message)
        failure<IllegalStateException> { model.tokenize("hello") }
    }

    // The model goes with its last session, so nothing may look into it by the way.
    @Test
    fun `every question to a closed session says so`() {
        val model = Pocketbert.open(Models.masked)
        val session = model.session()
        session.close()
        model.close()
        val questions = listOf<() -> Any?>(
            { session.classify("a", "b") },
            { session.classifyAll(listOf("a")) },
            { session.tag("a") },
            { session.answer("a", "b") },
            { session.answers("a", "b", AnswerOptions()) },
            { session.fillMask("[MASK]", targets = listOf("a")) },
            { session.embed("a") },
            { session.embedAll(listOf("a")) },
            { session.zeroShot("a", listOf("b")) },
        )
        for (question in questions) assertEquals("this session is closed", failure<IllegalStateException> { question() }.message)
    }

    @Test
    fun `a session outlives its model`() {
        val model = Pocketbert.open(Models.masked)
        val labels = model.labels
        model.session().use { session ->
            model.close()
            assertEquals(2, session.fillMask("[MASK]", topK = 2).single().size)
            assertTrue(labels.isEmpty())
        }
    }

    @Test
    fun `two threads in one session are an exception and no crash`() {
        Pocketbert.open(Models.demo).use { model ->
            model.session().use { session ->
                val refused = AtomicInteger()
                val answered = AtomicInteger()
                val start = CountDownLatch(1)
                val threads = List(4) {
                    thread {
                        start.await()
                        repeat(200) {
                            try {
                                assertEquals("alarm", session.classify("set an alarm for six thirty in the morning").label)
                                answered.incrementAndGet()
                            } catch (e: IllegalStateException) {
                                assertTrue(e.message!!.contains("in use by another thread"))
                                refused.incrementAndGet()
                            }
                        }
                    }
                }
                start.countDown()
                threads.forEach { it.join() }
                assertEquals(800, refused.get() + answered.get())
                assertTrue("${refused.get()} refused, ${answered.get()} answered", refused.get() > 0 && answered.get() > 0)
            }
        }
    }

    @Test
    fun `closing while another thread asks lets it finish`() {
        Pocketbert.open(Models.demo).use { model ->
            val long = "what is the weather in paris tomorrow morning ".repeat(10)
            repeat(30) {
                val session = model.session()
                val asking = CountDownLatch(1)
                var answers = 0
                val asker = thread {
                    try {
                        while (true) {
                            session.classify(long)
                            answers++
                            asking.countDown()
                        }
                    } catch (_: IllegalStateException) {
                    }
                }
                asking.await()
                session.close()
                asker.join()
                assertTrue(answers > 0)
            }
        }
    }

    @Test
    fun `the garbage collector closes what was forgotten`() {
        repeat(50) { Pocketbert.open(Models.tagger).session(maxTokens = 8) }
        for (attempt in 1..1000) {
            System.gc()
            Thread.sleep(20) // waits for the cleaner's own thread; the number of attempts is the limit
            if (mappings() == 0) return
        }
        assertEquals(0, mappings())
    }

    // A session that was made of a model closed meanwhile would keep it for good.
    @Test
    fun `closing a model while sessions are made of it loses none`() {
        repeat(300) {
            val model = Pocketbert.open(Models.tagger)
            val maker = thread {
                try {
                    while (true) model.session(maxTokens = 8).close()
                } catch (_: IllegalStateException) {
                }
            }
            model.tokenize("a")
            model.close()
            maker.join()
        }
        assertEquals(0, mappings())
    }

    @Test
    fun `an interrupted cleaner goes on`() {
        Pocketbert.open(Models.tagger).close()
        Thread.getAllStackTraces().keys.single { it.name == "pocketbert-cleaner" }.interrupt()
        `the garbage collector closes what was forgotten`()
    }

    @Test
    fun `a direct buffer stays as long as the session that reads from it`() {
        fun session(): Session {
            val bytes = Models.tagger.readBytes()
            val buffer = ByteBuffer.allocateDirect(bytes.size + 4)
            buffer.position(4)
            buffer.put(bytes)
            buffer.position(4)
            return Pocketbert.open(buffer).use { it.session() }
        }
        val session = session()
        val expected = session.tag("Wolfgang lives in Berlin.").toList()
        repeat(20) {
            System.gc()
            ByteBuffer.allocateDirect(1 shl 20).order(ByteOrder.nativeOrder()).asLongBuffer().put(LongArray(1 shl 17) { -1 })
            assertEquals(expected, session.tag("Wolfgang lives in Berlin.").toList())
        }
        session.close()
    }

    @Test
    fun `a mapped file is a direct buffer`() {
        FileChannel.open(Models.demo.toPath(), StandardOpenOption.READ).use { channel ->
            val buffer = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
            Pocketbert.open(buffer, verify = true).use { assertEquals(Task.TEXT_CLASSIFICATION, it.task) }
        }
    }

    // A native leak of one byte a cycle would be 100 kB here, of one page 400 MB.
    @Test
    fun `100,000 models and sessions leave nothing behind`() {
        fun cycle() = Pocketbert.open(Models.tagger).use { it.session(maxTokens = 8).close() }
        repeat(5_000) { cycle() }
        System.gc()
        val before = residentKilobytes()
        repeat(100_000) { cycle() }
        System.gc()
        val grown = residentKilobytes() - before
        assertTrue("grown by $grown kB", grown < 8 * 1024)
        assertEquals(0, mappings())
    }

    @Test
    fun `eight threads with a session each`() {
        val texts = Models.file("platforms/demo/sentences.txt").readLines().take(40)
        Pocketbert.open(Models.demo).use { model ->
            val expected = model.session(maxTokens = 64).use { session -> texts.map { session.classify(it) } }
            val wrong = AtomicInteger()
            List(8) { number ->
                thread {
                    model.session(maxTokens = 64, threads = 1 + number % 2).use { session ->
                        repeat(3) { texts.indices.forEach { if (session.classify(texts[it]) != expected[it]) wrong.incrementAndGet() } }
                    }
                }
            }.forEach { it.join() }
            assertEquals(0, wrong.get())
        }
    }
}
