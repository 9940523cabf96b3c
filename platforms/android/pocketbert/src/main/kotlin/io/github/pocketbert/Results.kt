package io.github.pocketbert

/** A label and how likely it is. */
public data class LabelScore(public val label: String, public val score: Float)

/** What a text was understood as. */
public data class Classification(
    /** All labels, the best first. */
    public val all: List<LabelScore>,
    /** The best score is below the threshold that `pocketbert convert --eval` wrote to the file: "not understood". */
    public val rejected: Boolean,
    /** The text was longer than the session's limit and was cut. */
    public val truncated: Boolean,
    /** How many tokens the network saw. */
    public val tokenCount: Int,
) {
    /** The best label. */
    public val label: String get() = all.first().label

    /** The best label's score. */
    public val score: Float get() = all.first().score
}

/** A named entity, at [begin] until [end] of the text in UTF-16 units, as [String.substring] counts. */
public data class Entity(
    /** "PER"; with [Aggregation.NONE] as the model has it: "B-PER". */
    public val label: String,
    public val score: Float,
    /** The text from [begin] to [end]. */
    public val word: String,
    public val begin: Int,
    public val end: Int,
) {
    public val range: IntRange get() = begin until end
}

/** The entities of a text, in its order. */
public class Entities internal constructor(
    entities: List<Entity>,
    /** The text was longer than the session's limit and was cut. */
    public val truncated: Boolean,
) : AbstractList<Entity>() {
    private val entities = entities

    override val size: Int get() = entities.size

    override fun get(index: Int): Entity = entities[index]
}

/** A part of the context that answers a question, at [begin] until [end] in UTF-16 units. */
public data class Answer(public val text: String, public val score: Float, public val begin: Int, public val end: Int) {
    public val range: IntRange get() = begin until end
}

/** How answers are looked for, as the reference's question-answering pipeline does. */
public class AnswerOptions @JvmOverloads constructor(
    /** How many answers, at most 64. */
    public val topK: Int = 1,
    /** "No answer" is one of them, with an empty range at 0. */
    public val allowNone: Boolean = false,
    /** The longest answer. */
    public val maxAnswerTokens: Int = 15,
    /** A context that is longer is read in windows of so many tokens, the question's included. 0: 384, or the model's limit. */
    public val windowTokens: Int = 0,
    /** How many tokens neighbouring windows share. null: 128, or half a window if that is less. */
    public val stride: Int? = null,
    /** An answer may begin and end within words. */
    public val partWords: Boolean = false,
) {
    init {
        require(topK in 1..64) { "topK is $topK, and not 1 to 64" }
        require(maxAnswerTokens > 0) { "maxAnswerTokens is $maxAnswerTokens" }
        require(windowTokens >= 0) { "windowTokens is $windowTokens" }
        require(stride == null || stride >= 0) { "stride is $stride" }
    }
}

/** A piece of the vocabulary that may stand in place of a mask. */
public data class Fill(
    /** As the vocabulary spells it: "##ing" goes on with a word. */
    public val piece: String,
    public val id: Int,
    public val score: Float,
)

/** One of several texts, and how well it answers. */
public data class Candidate(
    /** Its place among those that were given. */
    public val index: Int,
    public val text: String,
    public val score: Float,
)

/** A text's vector, or with [Pooling.TOKENS] one for each of its tokens. */
public class Embedding internal constructor(
    /** One row for each vector; all have the model's [Model.hiddenSize]. */
    public val rows: List<FloatArray>,
    /** The text was longer than the session's limit and was cut. */
    public val truncated: Boolean,
) {
    /** The text's vector. */
    public val values: FloatArray get() = rows.first()

    /** The cosine of both texts' vectors, from -1 to 1. */
    public fun similarity(other: Embedding): Float {
        require(values.size == other.values.size) { "vectors of ${values.size} and of ${other.values.size} values" }
        return Natives.similarity(values, other.values)
    }
}

/** One token of a text. */
public data class Token(
    public val piece: String,
    public val id: Int,
    /** Where it stands, in UTF-16 units of the text or of the pair; 0 and 0 for special tokens. */
    public val begin: Int,
    public val end: Int,
    public val source: Source,
) {
    public enum class Source { SPECIAL, TEXT, PAIR }
}

/** What a model was made for, in the order of pbert_task. */
public enum class Task {
    TEXT_CLASSIFICATION,
    TOKEN_CLASSIFICATION,
    QUESTION_ANSWERING,
    FILL_MASK,
    FEATURE_EXTRACTION,
    NEXT_SENTENCE,
}

/** How scores are made, in the order of pbert_problem_type. */
public enum class ProblemType {
    /** They sum to 1. */
    SINGLE_LABEL,

    /** Each by itself is between 0 and 1. */
    MULTI_LABEL,

    /** They are the outputs themselves. */
    REGRESSION,
}

/** How tokens become entities, in the order of pbert_aggregation: the strategies of the reference's pipeline. */
public enum class Aggregation { NONE, SIMPLE, FIRST, AVERAGE, MAX }

/** How the tokens' vectors become the text's, in the order of pbert_pooling. MODEL: as the file says. */
public enum class Pooling { TOKENS, CLS, MEAN, MAX, MODEL }

/** Whose matrix products, in the order of pbert_backend. AUTO is the fastest on this processor. */
public enum class Backend { AUTO, XNNPACK, NATIVE, REFERENCE }
