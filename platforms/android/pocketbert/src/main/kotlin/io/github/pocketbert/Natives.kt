package io.github.pocketbert

import java.nio.ByteBuffer

/** The functions of src/main/cpp/natives.cc, where the arrays' layouts are said. They throw [PocketbertException]. */
internal object Natives {
    init {
        System.loadLibrary("pocketbert_jni")
    }

    @JvmStatic external fun version(): String

    @JvmStatic external fun openPath(path: String, verify: Boolean): Long

    @JvmStatic external fun openDescriptor(descriptor: Int, offset: Long, length: Long, verify: Boolean): Long

    @JvmStatic external fun openBuffer(buffer: ByteBuffer, size: Long, verify: Boolean): Long

    @JvmStatic external fun closeModel(model: Long)

    @JvmStatic external fun info(model: Long): IntArray

    @JvmStatic external fun label(model: Long, index: Int): String?

    @JvmStatic external fun piece(model: Long, id: Int): String

    @JvmStatic external fun pieceId(model: Long, piece: String): Int

    @JvmStatic external fun tokenize(model: Long, text: String, pair: String?): IntArray

    @JvmStatic external fun openSession(model: Long, maxTokens: Int, threads: Int, backend: Int): Long

    @JvmStatic external fun closeSession(session: Long)

    @JvmStatic external fun classify(session: Long, text: String, pair: String?, stride: Int): IntArray

    @JvmStatic external fun classifyAll(session: Long, texts: Array<String>, stride: Int): Array<IntArray>

    @JvmStatic external fun tag(session: Long, text: String, aggregation: Int, stride: Int): IntArray

    @JvmStatic external fun answer(
        session: Long,
        question: String,
        context: String,
        topK: Int,
        allowNone: Boolean,
        maxAnswerTokens: Int,
        windowTokens: Int,
        stride: Int,
        partWords: Boolean,
    ): IntArray

    @JvmStatic external fun fillMask(session: Long, text: String, topK: Int, targets: IntArray?): IntArray

    @JvmStatic external fun zeroShot(session: Long, text: String, hypotheses: Array<String>, multiLabel: Boolean): IntArray

    @JvmStatic external fun rerank(session: Long, query: String, candidates: Array<String>): IntArray

    @JvmStatic external fun similarity(a: FloatArray, b: FloatArray): Float

    @JvmStatic external fun embed(
        session: Long,
        text: String,
        pair: String?,
        pooling: Int,
        normalize: Boolean,
        stride: Int,
    ): IntArray

    @JvmStatic external fun embedAll(
        session: Long,
        texts: Array<String>,
        pooling: Int,
        normalize: Boolean,
        stride: Int,
    ): Array<IntArray>
}
