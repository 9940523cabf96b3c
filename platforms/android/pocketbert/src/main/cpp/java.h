// Text, numbers and errors on their way between Java and the C interface. Nothing here throws in C++; where Java is out
// of memory an exception of its own is pending, and the native function has but to return.
#ifndef POCKETBERT_ANDROID_JAVA_H_
#define POCKETBERT_ANDROID_JAVA_H_

#include <jni.h>
#include <pocketbert/pocketbert.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace pocketbert_jni {

// Finds the class of our exceptions, while the class loader that knows it is at hand. False: a Java exception is
// pending.
bool FindException(JNIEnv* env);

// Makes a PocketbertException pending, with pbert_error() as its message.
void ThrowError(JNIEnv* env, pbert_status status);
void ThrowOutOfMemory(JNIEnv* env);

// A string of UTF-8 (not JNI's own "modified" one, in which emoji and zero bytes are spelled differently). What is no
// UTF-8 becomes U+FFFD. Null: an exception is pending.
jstring NewString(JNIEnv* env, const char* utf8, size_t size);

// A Java string's text in UTF-8, zero-terminated. A surrogate without its other half becomes U+FFFD, which is one
// UTF-16 unit too, so places in the text stay right.
class Utf8 {
 public:
  Utf8(JNIEnv* env, jstring string);  // null is the null pointer
  ~Utf8();
  Utf8(const Utf8&) = delete;
  Utf8& operator=(const Utf8&) = delete;

  bool failed() const { return failed_; }  // an exception is pending
  const char* data() const { return data_; }
  size_t size() const { return size_; }
  // Gives the text away, to be freed; null where the string was.
  char* Release() {
    char* data = data_;
    data_ = nullptr;
    return data;
  }

 private:
  bool Convert(JNIEnv* env, jstring string);  // false: no memory

  char* data_ = nullptr;
  size_t size_ = 0;
  bool failed_;
};

// Numbers for an int[]; floats go as their bits, as Float.fromBits reads them.
class Numbers {
 public:
  Numbers() = default;
  ~Numbers();
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;

  void Add(uint32_t number);
  void Add(std::initializer_list<uint32_t> numbers) {
    for (const uint32_t number : numbers) Add(number);
  }
  void Add(float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof(bits));
    Add(bits);
  }
  // A number that was added before.
  void Set(size_t index, uint32_t number) {
    if (index < size_) data_[index] = number;
  }
  bool failed() const { return failed_; }  // there was no memory for all of them
  // Null: an exception is pending.
  jintArray ToJava(JNIEnv* env) const;

 private:
  uint32_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  bool failed_ = false;
};

}  // namespace pocketbert_jni

#endif  // POCKETBERT_ANDROID_JAVA_H_
