// What the compiler calls of its own accord, for toolchains/android.cmake, whose folder has no compiler-rt and libunwind as an NDK has.
// 32-bit ARM has cores without division, and unwind tables that name functions.
typedef int other_processors_need_nothing;

#ifdef __arm__
__attribute__((used)) unsigned long long pbert_divide(unsigned long long a, unsigned long long b, unsigned long long* rest) {
  unsigned long long quotient = 0, left = 0;
  for (int bit = 63; bit >= 0; bit--) {
    const unsigned long long carry = left >> 63;
    left = left << 1 | (a >> bit & 1);
    if (carry || left >= b) {
      left -= b;
      quotient |= 1ull << bit;
    }
  }
  *rest = left;
  return quotient;
}

// Both of its results are in registers: the quotient in r0 and r1, the rest in r2 and r3.
__attribute__((naked)) void __aeabi_uldivmod(void) {
  __asm__(
      "push {r6, lr}\n"
      "sub sp, sp, #16\n"
      "add r6, sp, #8\n"
      "str r6, [sp]\n"
      "bl pbert_divide\n"
      "ldrd r2, r3, [sp, #8]\n"
      "add sp, sp, #16\n"
      "pop {r6, pc}\n");
}

unsigned long long __aeabi_uidivmod(unsigned a, unsigned b) {
  unsigned long long rest;
  const unsigned long long quotient = pbert_divide(a, b, &rest);
  return rest << 32 | quotient;
}

unsigned __aeabi_uidiv(unsigned a, unsigned b) { return (unsigned)__aeabi_uidivmod(a, b); }

void __aeabi_unwind_cpp_pr0(void) {}
void __aeabi_unwind_cpp_pr1(void) {}
void __aeabi_unwind_cpp_pr2(void) {}
#endif
