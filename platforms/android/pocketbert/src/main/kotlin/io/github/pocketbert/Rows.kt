package io.github.pocketbert

/** Rows of [columns] numbers, after [header] others, in an array that natives.cc made; floats are there as their bits. */
internal class Rows(private val numbers: IntArray, private val columns: Int, private val header: Int = 0) {
    private var begin = header

    val size: Int get() = (numbers.size - header) / columns

    fun flag(index: Int): Boolean = numbers[index] != 0

    fun header(index: Int): Int = numbers[index]

    fun int(column: Int): Int = numbers[begin + column]

    fun float(column: Int): Float = Float.fromBits(int(column))

    /** Calls [read] for each row, of which [int] and [float] then tell the columns. */
    inline fun <T> map(read: Rows.() -> T): List<T> {
        val all = ArrayList<T>(size)
        while (begin < numbers.size) {
            all.add(read())
            begin += columns
        }
        return all
    }
}
