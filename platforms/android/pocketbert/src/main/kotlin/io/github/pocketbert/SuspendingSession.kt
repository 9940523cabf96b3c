// Needs kotlinx-coroutines, which this library brings to nobody: who calls Session.suspending() has it.
package io.github.pocketbert

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/**
 * This session for coroutines, any number of them: each waits for its turn without holding a thread, and is answered on
 * [dispatcher]. Whatever is made of one session by this function shares its turns.
 */
public fun Session.suspending(dispatcher: CoroutineDispatcher = Dispatchers.Default): SuspendingSession {
    turn.compareAndSet(null, Mutex())
    return SuspendingSession(this, dispatcher, turn.get() as Mutex)
}

/** The functions of [Session], suspending. Made by [Session.suspending]. Thread-safe. */
public class SuspendingSession internal constructor(
    private val session: Session,
    private val dispatcher: CoroutineDispatcher,
    private val turn: Mutex,
) : AutoCloseable by session {
    /** Runs [ask] with the session, which is no other coroutine's meanwhile: for several questions in a row. */
    public suspend fun <T> ask(ask: Session.() -> T): T = turn.withLock { withContext(dispatcher) { session.ask() } }

    /** See [Session.classify]. */
    public suspend fun classify(text: String, pair: String? = null, stride: Int? = null): Classification =
        ask { classify(text, pair, stride) }

    /** See [Session.classifyAll]. */
    public suspend fun classifyAll(texts: List<String>, stride: Int? = null): List<Classification> =
        ask { classifyAll(texts, stride) }

    /** See [Session.tag]. */
    public suspend fun tag(text: String, aggregation: Aggregation = Aggregation.SIMPLE, stride: Int? = null): Entities =
        ask { tag(text, aggregation, stride) }

    /** See [Session.answer]. */
    public suspend fun answer(question: String, context: String, allowNone: Boolean = false): Answer? =
        ask { answer(question, context, allowNone) }

    /** See [Session.answers]. */
    public suspend fun answers(question: String, context: String, options: AnswerOptions): List<Answer> =
        ask { answers(question, context, options) }

    /** See [Session.fillMask]. */
    public suspend fun fillMask(text: String, topK: Int = 5, targets: List<String>? = null): List<List<Fill>> =
        ask { fillMask(text, topK, targets) }

    /** See [Session.zeroShot]. */
    public suspend fun zeroShot(
        text: String,
        labels: List<String>,
        template: String = "This example is {}.",
        multiLabel: Boolean = false,
    ): List<LabelScore> = ask { zeroShot(text, labels, template, multiLabel) }

    /** See [Session.rerank]. */
    public suspend fun rerank(query: String, candidates: List<String>): List<Candidate> = ask { rerank(query, candidates) }

    /** See [Session.embed]. */
    public suspend fun embed(
        text: String,
        pair: String? = null,
        pooling: Pooling = Pooling.MODEL,
        normalize: Boolean = false,
        stride: Int? = null,
    ): Embedding = ask { embed(text, pair, pooling, normalize, stride) }

    /** See [Session.embedAll]. */
    public suspend fun embedAll(
        texts: List<String>,
        pooling: Pooling = Pooling.MODEL,
        normalize: Boolean = false,
        stride: Int? = null,
    ): List<Embedding> = ask { embedAll(texts, pooling, normalize, stride) }
}
