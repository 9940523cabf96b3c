package io.github.pocketbert

import java.lang.ref.PhantomReference
import java.lang.ref.ReferenceQueue
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger

/**
 * A native object that cannot be used once it is closed, nor, if it is [exclusive], by two threads at once: both are an
 * [IllegalStateException]. Closed while it is in use it lives until that use ends. Thread-safe.
 *
 * All that needs memory is done before [open] makes the native object, so that none is lost when memory runs out, and nothing that
 * gives it back needs any.
 *
 * @param free gives the native object back; it must not refer to [owner]
 */
internal class Handle(
    owner: AutoCloseable,
    private val name: String,
    private val exclusive: Boolean,
    private val free: Free,
    open: Open,
) {
    /** Not functions of Kotlin's own, which would put the address into an object. */
    fun interface Open {
        fun open(): Long
    }

    fun interface Free {
        fun free(address: Long)
    }

    private val uses = AtomicInteger(0) // and CLOSED
    private val forgotten = Forgotten(owner, this)
    private val address: Long

    init {
        try {
            address = open.open()
        } catch (e: Throwable) {
            forgotten.unregister()
            throw e
        }
    }

    inline fun <T> use(ask: (Long) -> T): T {
        val address = retain()
        try {
            return ask(address)
        } finally {
            release()
        }
    }

    /** The native object's address, which is one until [release]. */
    fun retain(): Long {
        while (true) {
            val now = uses.get()
            check(now and CLOSED == 0) { "this $name is closed" }
            check(!exclusive || now == 0) { "this $name is in use by another thread: give each thread one of its own" }
            if (uses.compareAndSet(now, now + 1)) return address
        }
    }

    fun release() {
        if (uses.decrementAndGet() == CLOSED) free.free(address)
    }

    fun close() {
        forgotten.unregister()
        while (true) {
            val now = uses.get()
            if (now and CLOSED != 0) return
            if (uses.compareAndSet(now, now or CLOSED)) {
                if (now == 0) free.free(address)
                return
            }
        }
    }

    private companion object {
        const val CLOSED = 1 shl 30
    }
}

/**
 * Closes a handle whose owner the garbage collector found, as java.lang.ref.Cleaner does, which Android has only since API
 * level 33.
 */
private class Forgotten(owner: AutoCloseable, private val handle: Handle) : PhantomReference<AutoCloseable>(owner, queue) {
    init {
        waiting.add(this)
    }

    fun unregister() {
        clear()
        waiting.remove(this)
    }

    private companion object {
        val queue = ReferenceQueue<AutoCloseable>()
        val waiting: MutableSet<Forgotten> = Collections.newSetFromMap(ConcurrentHashMap())

        init {
            val cleaner = Thread({ while (true) closeNext() }, "pocketbert-cleaner")
            cleaner.isDaemon = true
            cleaner.start()
        }

        /** An interrupt, or a want of memory, must not be the end of the only thread that does this. */
        fun closeNext() {
            try {
                (queue.remove() as Forgotten).handle.close()
            } catch (_: Throwable) {
            }
        }
    }
}
