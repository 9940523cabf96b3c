package io.github.pocketbert

import com.google.gson.JsonArray
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** Every case of the file that the tests of all languages read, as the reference library answers it. */
class ConformanceTest {
    private val all = JsonParser.parseString(Models.file("tests/golden/conformance.json").readText()).asJsonObject
    private val tolerance = all["tolerance"].asFloat

    /** Halves of surrogate pairs cannot stand in JSON. */
    private fun JsonObject.string(name: String, unitsName: String): String? {
        val units = this[unitsName] ?: return this[name]?.asString
        return String(CharArray(units.asJsonArray.size()) { units.asJsonArray[it].asInt.toChar() })
    }

    private fun JsonObject.text() = string("text", "utf16")!!

    private fun JsonObject.pair() = string("pair", "pair_utf16")

    private fun JsonObject.int(name: String) = this[name]?.asInt

    private fun JsonObject.flag(name: String) = this[name]?.asBoolean == true

    private fun JsonObject.strings(name: String) = this[name]?.asJsonArray?.map { it.asString }

    private fun check(expected: JsonArray, scores: List<LabelScore>) {
        expected.zip(scores).forEach { (pair, score) ->
            assertEquals(pair.asJsonArray[0].asString, score.label)
            assertEquals(pair.asJsonArray[1].asFloat, score.score, tolerance)
        }
        assertTrue(scores.size >= expected.size())
    }

    private fun classify(session: Session, case: JsonObject, expected: JsonObject) {
        val answer = session.classify(case.text(), case.pair())
        check(expected["labels"].asJsonArray, answer.all)
        assertEquals(expected["truncated"].asBoolean, answer.truncated)
    }

    private fun tag(session: Session, case: JsonObject, expected: JsonObject) {
        val aggregation = Aggregation.valueOf((case["aggregation"]?.asString ?: "none").uppercase())
        val entities = session.tag(case.text(), aggregation)
        val wanted = expected["entities"].asJsonArray.map { it.asJsonObject }
        assertEquals(wanted.map { it["label"].asString }, entities.map { it.label })
        assertEquals(wanted.map { it["begin"].asInt until it["end"].asInt }, entities.map { it.range })
        if (!case.has("utf16")) assertEquals(wanted.map { it["word"].asString }, entities.map { it.word })
        wanted.zip(entities).forEach { (want, entity) -> assertEquals(want["score"].asFloat, entity.score, tolerance) }
        assertEquals(expected["truncated"].asBoolean, entities.truncated)
    }

    private fun answer(session: Session, case: JsonObject, expected: JsonObject) {
        val answers = session.answers(
            case.text(),
            case.pair()!!,
            AnswerOptions(
                topK = case.int("top_k") ?: 1,
                allowNone = case.flag("allow_none"),
                maxAnswerTokens = case.int("max_answer_tokens") ?: 15,
                windowTokens = case.int("max_tokens") ?: 0,
                stride = case.int("doc_stride"),
                partWords = case.flag("part_words"),
            ),
        )
        val wanted = expected["answers"].asJsonArray.map { it.asJsonObject }
        assertEquals(wanted.map { it["begin"].asInt until it["end"].asInt }, answers.map { it.range })
        wanted.zip(answers).forEach { (want, answer) -> assertEquals(want["score"].asFloat, answer.score, tolerance) }
    }

    private fun fillMask(session: Session, case: JsonObject, expected: JsonObject) {
        val fills = session.fillMask(case.text(), case.int("top_k") ?: 5, case.strings("targets")).flatten()
        val wanted = expected["fills"].asJsonArray.map { it.asJsonArray }
        assertEquals(wanted.map { it[0].asString to it[1].asInt }, fills.map { it.piece to it.id })
        wanted.zip(fills).forEach { (want, fill) -> assertEquals(want[2].asFloat, fill.score, tolerance) }
    }

    private fun embed(session: Session, case: JsonObject, expected: JsonObject) {
        val pooling = Pooling.valueOf(case["pooling"].asString.uppercase())
        val embedding = session.embed(case.text(), case.pair(), pooling, case.flag("normalize"))
        val values = expected["values"].asJsonArray.map { it.asFloat }.toFloatArray()
        assertEquals(expected["rows"].asInt, embedding.rows.size)
        org.junit.Assert.assertArrayEquals(values, embedding.rows.flatMap { it.asList() }.toFloatArray(), tolerance)
        assertEquals(expected["truncated"].asBoolean, embedding.truncated)
    }

    private fun zeroShot(session: Session, case: JsonObject, expected: JsonObject) {
        val template = case["hypothesis_template"]?.asString ?: "This example is {}."
        val scores = session.zeroShot(case.text(), case.strings("labels")!!, template, case.flag("multi_label"))
        check(expected["labels"].asJsonArray, scores)
        assertEquals(expected["labels"].asJsonArray.size(), scores.size)
    }

    @Test
    fun `every case of the shared file`() {
        val models = all["models"].asJsonObject.entrySet().associate { (name, model) ->
            name to Pooled(Pocketbert.open(Models.of(model.asJsonObject["checkpoint"].asString, "--weights", "fp32")))
        }
        var asked = 0
        for (case in all["cases"].asJsonArray.map { it.asJsonObject }) {
            val task = case["task"].asString
            // The window of an answer is an option of its own; else a limit of the input's is one of the session's.
            val session = models.getValue(case["model"].asString).session(if (task == "answer") 0 else case.int("max_tokens") ?: 0)
            val expected = case["expected"].asJsonObject
            try {
                when (task) {
                    "classify" -> classify(session, case, expected)
                    "tag" -> tag(session, case, expected)
                    "answer" -> answer(session, case, expected)
                    "fill_mask" -> fillMask(session, case, expected)
                    "embed" -> embed(session, case, expected)
                    "zero_shot" -> zeroShot(session, case, expected)
                    else -> throw AssertionError("there is no task $task")
                }
            } catch (e: Throwable) {
                throw AssertionError("$case", e)
            }
            ++asked
        }
        assertTrue("$asked cases", asked >= 50)
        models.values.forEach { it.close() }
    }

    private class Pooled(private val model: Model) : AutoCloseable {
        private val sessions = HashMap<Int, Session>()

        fun session(maxTokens: Int) = sessions.getOrPut(maxTokens) { model.session(maxTokens) }

        override fun close() {
            sessions.values.forEach { it.close() }
            model.close()
        }
    }
}
