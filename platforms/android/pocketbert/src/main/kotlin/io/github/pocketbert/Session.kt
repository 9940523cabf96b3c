package io.github.pocketbert

import java.util.concurrent.atomic.AtomicReference

/**
 * Asks a [Model]. For one thread at a time: a second one that asks meanwhile gets an [IllegalStateException]. May outlive the
 * model that it came from. Text may hold anything: emoji, zero characters, halves of surrogate pairs (read as U+FFFD).
 *
 * Each function needs a model of its kind, see [Model.task]; of another one it throws a [PocketbertException].
 */
public class Session internal constructor(
    model: Model,
    modelHandle: Handle,
    private val modelAddress: Long, // good while this session is in use
    open: Handle.Open,
) : AutoCloseable {
    private val labels = model.labels
    private val hiddenSize = model.hiddenSize
    private val vocabularySize = model.vocabularySize

    /** What SuspendingSession.kt keeps here, whose classes need not be there. */
    internal val turn = AtomicReference<Any?>()

    private val handle = handleOf(this, modelHandle, open)

    /**
     * Classifies a text, or a text and its pair.
     *
     * @param stride reads a long text in windows that share so many tokens, instead of cutting it; the scores are those of the
     * mean of the windows' outputs
     */
    @JvmOverloads
    public fun classify(text: String, pair: String? = null, stride: Int? = null): Classification =
        classification(handle.use { Natives.classify(it, text, pair, strideOf(stride)) })

    /**
     * The same of each of [texts], in order, faster than one by one where they are short: several run through the network at
     * once. The error of one is that of all, and names its index.
     */
    @JvmOverloads
    public fun classifyAll(texts: List<String>, stride: Int? = null): List<Classification> =
        handle.use { Natives.classifyAll(it, texts.toTypedArray(), strideOf(stride)) }.map { classification(it) }

    private fun classification(numbers: IntArray): Classification {
        val rows = Rows(numbers, columns = 2, header = 3)
        val all = rows.map { LabelScore(labels[int(0)], float(1)) }
        return Classification(all, rejected = rows.flag(0), truncated = rows.flag(1), tokenCount = rows.header(2))
    }

    /**
     * The named entities of a text.
     *
     * @param stride reads a long text in windows that share so many tokens, instead of cutting it; each entity comes once
     */
    @JvmOverloads
    public fun tag(text: String, aggregation: Aggregation = Aggregation.SIMPLE, stride: Int? = null): Entities {
        val rows = Rows(handle.use { Natives.tag(it, text, aggregation.ordinal, strideOf(stride)) }, columns = 4, header = 1)
        val entities = rows.map {
            val label = labels[int(0)]
            val group = if (aggregation == Aggregation.NONE) label else label.withoutPosition()
            Entity(group, float(1), text.substring(int(2), int(3)), int(2), int(3))
        }
        return Entities(entities, truncated = rows.flag(0))
    }

    /**
     * The part of [context], which may be long, that answers [question].
     *
     * @param allowNone the context may have no answer; then null is returned if that is the likeliest
     */
    @JvmOverloads
    public fun answer(question: String, context: String, allowNone: Boolean = false): Answer? =
        answers(question, context, AnswerOptions(allowNone = allowNone)).first().takeIf { !allowNone || it.begin < it.end }

    /** The best answers, the best first. */
    public fun answers(question: String, context: String, options: AnswerOptions): List<Answer> {
        val numbers = handle.use {
            Natives.answer(
                it,
                question,
                context,
                options.topK,
                options.allowNone,
                options.maxAnswerTokens,
                options.windowTokens,
                strideOf(options.stride),
                options.partWords,
            )
        }
        return Rows(numbers, columns = 3).map { Answer(context.substring(int(1), int(2)), float(0), int(1), int(2)) }
    }

    /**
     * What may stand at each mask of the text ("[MASK]" for BERT, "<mask>" for RoBERTa): for each mask the [topK] best pieces,
     * the best first.
     *
     * @param targets only these pieces of the vocabulary
     */
    @JvmOverloads
    public fun fillMask(text: String, topK: Int = 5, targets: List<String>? = null): List<List<Fill>> {
        require(topK > 0) { "topK is $topK" }
        require(targets == null || targets.isNotEmpty()) { "targets: there are none" }
        val most = topK.coerceAtMost(vocabularySize) // there are no more, and natives.cc takes memory for as many
        val fills = handle.use { session ->
            val ids = targets?.map { pieceId(it) }?.toIntArray()
            Rows(Natives.fillMask(session, text, most, ids), columns = 3).map {
                Pair(int(0), Fill(Natives.piece(modelAddress, int(1)), int(1), float(2)))
            }
        }
        return fills.groupBy({ it.first }, { it.second }).values.toList()
    }

    // While the session is in use, as only that keeps the model.
    private fun pieceId(piece: String): Int {
        val id = Natives.pieceId(modelAddress, piece)
        require(id >= 0) { "targets: the vocabulary has no piece \"$piece\"" }
        return id
    }

    /**
     * Zero-shot classification: how well each of [labels], of which the model need not have heard, suits the text. For models
     * of natural-language inference; runs the network once for each label.
     *
     * @param template becomes a hypothesis with the label in place of {}
     * @param multiLabel each label stands for itself, and the scores do not sum to 1
     * @return the best first
     */
    @JvmOverloads
    public fun zeroShot(
        text: String,
        labels: List<String>,
        template: String = "This example is {}.",
        multiLabel: Boolean = false,
    ): List<LabelScore> {
        require(labels.isNotEmpty()) { "labels: there are none" }
        require("{}" in template) { "template: it has no {} for the label" }
        val hypotheses = Array(labels.size) { template.replaceFirst("{}", labels[it]) }
        val rows = Rows(handle.use { Natives.zeroShot(it, text, hypotheses, multiLabel) }, columns = 2, header = 1)
        return rows.map { LabelScore(labels[int(0)], float(1)) }
    }

    /**
     * Which of [candidates] answer [query] best, the best first. For cross-encoders, models of one label that read both texts
     * together; runs the network once for each.
     */
    public fun rerank(query: String, candidates: List<String>): List<Candidate> {
        require(candidates.isNotEmpty()) { "candidates: there are none" }
        val rows = Rows(handle.use { Natives.rerank(it, query, candidates.toTypedArray()) }, columns = 2, header = 1)
        return rows.map { Candidate(int(0), candidates[int(0)], float(1)) }
    }

    /**
     * The vector of a text, or of a text and its pair. [Pooling.MODEL] is as the file says; others are made of length 1 if
     * [normalize].
     *
     * @param stride reads a long text in windows that share so many tokens, instead of cutting it; the vector is their mean
     */
    @JvmOverloads
    public fun embed(
        text: String,
        pair: String? = null,
        pooling: Pooling = Pooling.MODEL,
        normalize: Boolean = false,
        stride: Int? = null,
    ): Embedding = embedding(handle.use { Natives.embed(it, text, pair, pooling.ordinal, normalize, strideOf(stride)) })

    /** The same of each of [texts], see [classifyAll]. */
    @JvmOverloads
    public fun embedAll(
        texts: List<String>,
        pooling: Pooling = Pooling.MODEL,
        normalize: Boolean = false,
        stride: Int? = null,
    ): List<Embedding> =
        handle.use { Natives.embedAll(it, texts.toTypedArray(), pooling.ordinal, normalize, strideOf(stride)) }.map { embedding(it) }

    private fun embedding(numbers: IntArray): Embedding {
        val rows = Rows(numbers, columns = hiddenSize, header = 2)
        return Embedding(rows.map { FloatArray(hiddenSize) { float(it) } }, truncated = rows.flag(0))
    }

    override fun close(): Unit = handle.close()
}

// Below 0: none.
private fun strideOf(stride: Int?): Int {
    require(stride == null || stride >= 0) { "stride is $stride" }
    return stride ?: -1
}

private fun String.withoutPosition() = substringAfter('-') // as the reference names groups

// Apart from the class, so that what frees the native object cannot hold the Session.
private fun handleOf(session: Session, model: Handle, open: Handle.Open) = Handle(
    session,
    "session",
    exclusive = true,
    free = {
        Natives.closeSession(it)
        model.release()
    },
    open,
)
