package io.github.pocketbert.sample

import android.app.Activity
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.text.Editable
import android.text.TextWatcher
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.TextView
import io.github.pocketbert.Classification
import io.github.pocketbert.Model
import io.github.pocketbert.Pocketbert
import io.github.pocketbert.PocketbertException
import io.github.pocketbert.Session
import java.util.concurrent.Executors

/** One screen: type a sentence and see its intent, the likeliest five as bars, and how long that took. */
class IntentActivity : Activity() {
    // The session belongs to this thread, so the screen never waits for it.
    private val worker = Executors.newSingleThreadExecutor()
    private val screen = Handler(Looper.getMainLooper())
    private var model: Model? = null
    private var session: Session? = null

    private lateinit var intent: TextView
    private lateinit var bars: ScoreBars
    private lateinit var measured: TextView

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val margin = (16 * resources.displayMetrics.density).toInt()
        val input = EditText(this).apply {
            id = INPUT
            setHint(R.string.hint)
            setSingleLine()
            addTextChangedListener(Typed(::understand))
        }
        intent = TextView(this).apply { textSize = 28f }
        bars = ScoreBars(this)
        measured = TextView(this)
        val column = LinearLayout(this).apply {
            orientation = LinearLayout.VERTICAL
            setPadding(margin, margin, margin, margin)
            for (view in listOf(input, intent, bars, measured)) addView(view)
        }
        setContentView(column)
        worker.execute {
            try {
                model = Pocketbert.open(assets, "intent.pbert")
                session = model?.session(maxTokens = 64)
            } catch (e: PocketbertException) {
                screen.post { intent.text = e.message }
            }
        }
    }

    private fun understand(sentence: String) {
        if (sentence.isBlank()) return
        worker.execute {
            val session = session ?: return@execute
            val begin = System.nanoTime()
            val answer = session.classify(sentence)
            val milliseconds = (System.nanoTime() - begin) / 1e6
            screen.post { show(answer, milliseconds) }
        }
    }

    private fun show(answer: Classification, milliseconds: Double) {
        intent.text = if (answer.rejected) getString(R.string.not_understood) else answer.label.replace('_', ' ')
        bars.show(answer.all.take(5))
        measured.text = getString(R.string.measured, answer.tokenCount, milliseconds, answer.all.size)
    }

    override fun onDestroy() {
        super.onDestroy()
        worker.execute {
            session?.close()
            model?.close()
        }
        worker.shutdown()
    }

    private companion object {
        const val INPUT = 1 // a view with an id keeps its text when the screen turns
    }

    private class Typed(private val act: (String) -> Unit) : TextWatcher {
        override fun afterTextChanged(text: Editable) = act(text.toString())

        override fun beforeTextChanged(text: CharSequence, start: Int, count: Int, after: Int) = Unit

        override fun onTextChanged(text: CharSequence, start: Int, before: Int, count: Int) = Unit
    }
}
