package io.github.pocketbert.sample

import android.content.res.AssetFileDescriptor
import android.os.ParcelFileDescriptor
import io.github.pocketbert.Model
import io.github.pocketbert.Pocketbert
import io.github.pocketbert.PocketbertException
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Android's own ways to hand out a file, with Android's own classes. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE) // as IntentActivityTest has it: each other mode is a class loader, and only one loads the JNI library
@Config(sdk = [34])
class AssetsTest {
    private val context = RuntimeEnvironment.getApplication()
    private val demo = File(System.getProperty("pocketbert.demo"))

    private fun answers(model: Model) = model.use {
        it.session(maxTokens = 32).use { session -> assertEquals("alarm", session.classify("set an alarm for six thirty in the morning").label) }
    }

    private fun descriptor(file: File) = ParcelFileDescriptor.open(file, ParcelFileDescriptor.MODE_READ_ONLY)

    @Test
    fun `an asset of the APK`() {
        val asset = context.assets.openFd("intent.pbert")
        assertEquals(0, asset.startOffset % 4)
        assertEquals(demo.length(), asset.length)
        answers(Pocketbert.open(context.assets, "intent.pbert"))
    }

    @Test
    fun `an asset that is not there says what may be wrong`() {
        val error = assertThrows(PocketbertException::class.java) { Pocketbert.open(context.assets, "no.pbert") }
        assertTrue(error.message!!, error.message!!.startsWith("no.pbert: ") && error.message!!.contains("noCompress"))
    }

    @Test
    fun `a compressed asset says how to store it`() {
        val error = assertThrows(PocketbertException::class.java) { Pocketbert.open(context.assets, "compressed.txt") }
        assertTrue(error.message!!, error.message!!.contains("noCompress"))
    }

    @Test
    fun `a descriptor, closed before the first question`() {
        val model = descriptor(demo).use { Pocketbert.open(it, verify = true) }
        answers(model)
    }

    // zipalign promises a multiple of 4 and no more, and what follows the asset is not the model's.
    @Test
    fun `a part of a file at every odd multiple of 4`() {
        val bytes = demo.readBytes()
        for (offset in listOf(4, 12, 20, 36, 4092, 4100)) {
            val file = File(context.filesDir, "parts")
            file.outputStream().use {
                it.write(ByteArray(offset) { -1 })
                it.write(bytes)
                it.write(ByteArray(7) { -1 })
            }
            answers(AssetFileDescriptor(descriptor(file), offset.toLong(), demo.length()).use { Pocketbert.open(it) })
        }
        val odd = AssetFileDescriptor(descriptor(demo), 2, demo.length() - 2)
        assertTrue(assertThrows(PocketbertException::class.java) { Pocketbert.open(odd) }.message!!.contains("multiple of 4"))
    }
}
