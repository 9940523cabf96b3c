package io.github.pocketbert.sample

import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The screen from the start of the application to the first answer; its picture is kept as build/android/sample.png. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = "w360dp-h480dp-xhdpi")
class IntentActivityTest {
    private fun views(view: View): List<View> =
        listOf(view) + if (view is ViewGroup) (0 until view.childCount).flatMap { views(view.getChildAt(it)) } else emptyList()

    @Test
    fun `a typed sentence is understood`() {
        Robolectric.buildActivity(IntentActivity::class.java).use { controller ->
            val activity = controller.setup().get()
            val all = views(activity.window.decorView)
            val texts = { all.filterIsInstance<TextView>().map { it.text.toString() } }
            all.filterIsInstance<EditText>().single().setText("wake me up with an alarm at 6am")
            for (attempt in 1..3000) { // the answer comes from another thread, posted to this one
                shadowOf(Looper.getMainLooper()).idle()
                if (texts().any { it.contains(" ms, ") }) break
                Thread.sleep(10)
            }
            assertTrue("${texts()}", texts().any { it == "alarm" })
            val bars = all.filterIsInstance<ScoreBars>().single()
            assertEquals(5, bars.contentDescription.split(", ").size)
            keepPicture(activity.window.decorView)
        }
    }

    private fun keepPicture(view: View) {
        view.measure(View.MeasureSpec.makeMeasureSpec(720, View.MeasureSpec.EXACTLY), View.MeasureSpec.makeMeasureSpec(960, View.MeasureSpec.EXACTLY))
        view.layout(0, 0, 720, 960)
        val picture = Bitmap.createBitmap(720, 960, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(picture))
        File(System.getProperty("pocketbert.picture")).outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }
}
