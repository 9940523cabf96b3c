package io.github.pocketbert.sample

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.view.View
import io.github.pocketbert.LabelScore

/** A bar for each score, with its label and percentage written over it. */
class ScoreBars(context: Context) : View(context) {
    private val density = resources.displayMetrics.density
    private val rowHeight = 36 * density
    private val bar = Paint().apply { color = 0xFF8AB4F8.toInt() }
    private val text = Paint(Paint.ANTI_ALIAS_FLAG).apply { textSize = 16 * density }
    private var scores: List<LabelScore> = emptyList()

    fun show(scores: List<LabelScore>) {
        this.scores = scores
        contentDescription = scores.joinToString { "${it.label} ${percent(it)}" }
        requestLayout()
        invalidate()
    }

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) =
        setMeasuredDimension(MeasureSpec.getSize(widthMeasureSpec), (rowHeight * scores.size).toInt())

    override fun onDraw(canvas: Canvas) {
        val gap = 4 * density
        scores.forEachIndexed { row, score ->
            val top = row * rowHeight
            canvas.drawRect(0f, top + gap, width * score.score, top + rowHeight - gap, bar)
            canvas.drawText("${score.label.replace('_', ' ')}  ${percent(score)}", 2 * gap, top + rowHeight / 2 + text.textSize / 3, text)
        }
    }

    private fun percent(score: LabelScore) = "%.1f %%".format(100 * score.score)
}
