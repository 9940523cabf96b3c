package io.github.pocketbert

import android.content.res.AssetFileDescriptor
import android.content.res.AssetManager
import android.os.ParcelFileDescriptor
import java.io.File
import java.io.FileNotFoundException
import java.nio.ByteBuffer

/**
 * Opens models: `.pbert` files, as `pocketbert convert` writes them.
 *
 *     Pocketbert.open(context.assets, "intent.pbert").use { model ->
 *         model.session().use { session ->
 *             val answer = session.classify("wake me up at 6")
 *             if (!answer.rejected) act(answer.label, answer.score)
 *         }
 *     }
 *
 * The file is mapped where it lies, so opening takes milliseconds and its pages can be dropped when memory is short. With
 * `verify` all of its data is read and its checksum compared, as one does once after a download. Whatever the file holds, the
 * worst that it can do is a [PocketbertException].
 */
public object Pocketbert {
    /** The version of the native library. */
    @JvmStatic
    public val version: String get() = Natives.version()

    /** An asset, which must be stored uncompressed: `androidResources { noCompress += "pbert" }` in the app's build.gradle.kts. */
    @JvmStatic
    @JvmOverloads
    public fun open(assets: AssetManager, name: String, verify: Boolean = false): Model {
        val asset = try {
            assets.openFd(name)
        } catch (e: FileNotFoundException) {
            throw PocketbertException(
                PocketbertException.Status.IO,
                "$name: there is no such asset, or it is compressed: write androidResources { noCompress += \"pbert\" } " +
                    "in the app's build.gradle.kts",
                e,
            )
        }
        return asset.use { open(it, verify) }
    }

    /** A part of an open file, which may be closed afterwards. */
    @JvmStatic
    @JvmOverloads
    public fun open(part: AssetFileDescriptor, verify: Boolean = false): Model {
        require(part.declaredLength != 0L) { "the part of the file has a length of 0" }
        val length = if (part.declaredLength == AssetFileDescriptor.UNKNOWN_LENGTH) 0 else part.declaredLength
        return open(part.parcelFileDescriptor, part.startOffset, length, verify)
    }

    /** An open file, which may be closed afterwards. */
    @JvmStatic
    @JvmOverloads
    public fun open(file: ParcelFileDescriptor, verify: Boolean = false): Model = open(file, 0, 0, verify)

    // A duplicate, which nobody closes meanwhile, not even the garbage collector.
    private fun open(file: ParcelFileDescriptor, offset: Long, length: Long, verify: Boolean): Model =
        file.dup().use { own -> Model { Natives.openDescriptor(own.fd, offset, length, verify) } }

    @JvmStatic
    @JvmOverloads
    public fun open(file: File, verify: Boolean = false): Model = open(file.path, verify)

    @JvmStatic
    @JvmOverloads
    public fun open(path: String, verify: Boolean = false): Model {
        require('\u0000' !in path) { "the path holds a zero character, at which the system would end it" }
        return Model { Natives.openPath(path, verify) }
    }

    /** What remains of a direct buffer, at an address that is a multiple of 4. It must not be changed until model and sessions are closed. */
    @JvmStatic
    @JvmOverloads
    public fun open(buffer: ByteBuffer, verify: Boolean = false): Model {
        require(buffer.isDirect) { "the buffer is not direct: use ByteBuffer.allocateDirect or FileChannel.map" }
        val part = buffer.slice()
        return Model { Natives.openBuffer(part, part.remaining().toLong(), verify) }
    }
}
