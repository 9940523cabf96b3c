#include "java.h"

#include <cstdlib>

#include "base/utf8.h"

namespace pocketbert_jni {
namespace {

constexpr const char* kException = "io/github/pocketbert/PocketbertException";

jclass exception_class;  // a global reference, for as long as the library is loaded
jmethodID exception_constructor;

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

bool FindException(JNIEnv* env) {
  const jclass found = env->FindClass(kException);
  if (found == nullptr) return false;
  exception_class = static_cast<jclass>(env->NewGlobalRef(found));
  exception_constructor = env->GetMethodID(found, "<init>", "(ILjava/lang/String;)V");
  return exception_class != nullptr && exception_constructor != nullptr;
}

void ThrowError(JNIEnv* env, pbert_status status) {
  const char* reason = pbert_error();
  const jstring message = NewString(env, reason, strlen(reason));
  if (message == nullptr) return;
  const jobject exception = env->NewObject(exception_class, exception_constructor, static_cast<jint>(status), message);
  if (exception != nullptr) env->Throw(static_cast<jthrowable>(exception));
}

void ThrowOutOfMemory(JNIEnv* env) {
  const jclass found = env->FindClass("java/lang/OutOfMemoryError");
  if (found != nullptr) env->ThrowNew(found, "pocketbert: no native memory for the text or the answer");
}

jstring NewString(JNIEnv* env, const char* utf8, size_t size) {
  auto* units = static_cast<jchar*>(malloc((size + 1) * sizeof(jchar)));  // never more units than bytes
  if (units == nullptr) return ThrowOutOfMemory(env), nullptr;
  size_t count = 0;
  for (size_t at = 0; at < size;) {
    const pbert::Utf8Char next = pbert::DecodeUtf8(utf8 + at, size - at);
    const uint32_t code_point = next.code_point;
    at += next.length;
    if (code_point >= 0x10000) {
      units[count++] = static_cast<jchar>(0xD800 + ((code_point - 0x10000) >> 10));
      units[count++] = static_cast<jchar>(0xDC00 + ((code_point - 0x10000) & 0x3FF));
    } else {
      units[count++] = static_cast<jchar>(code_point);
    }
  }
  const jstring made = env->NewString(units, static_cast<jsize>(count));
  free(units);
  return made;
}

Utf8::Utf8(JNIEnv* env, jstring string) : failed_(string != nullptr && !Convert(env, string)) {
  if (failed_) ThrowOutOfMemory(env);
}

bool Utf8::Convert(JNIEnv* env, jstring string) {
  const auto units = static_cast<size_t>(env->GetStringLength(string));
  // Two bytes of UTF-16 become at most three of UTF-8, so read at the end of the same memory they are never overtaken.
  if (units > (SIZE_MAX - 2) / 3) return false;
  data_ = static_cast<char*>(malloc(units * 3 + 2));
  if (data_ == nullptr) return false;
  auto* copied = reinterpret_cast<jchar*>(data_ + (units + 1) / 2 * 2);
  env->GetStringRegion(string, 0, static_cast<jsize>(units), copied);
  char* to = data_;
  for (size_t i = 0; i < units; ++i) {
    uint32_t code_point = copied[i];
    if (IsHighSurrogate(code_point) && i + 1 < units && IsLowSurrogate(copied[i + 1])) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (copied[++i] - 0xDC00u);
    } else if (IsHighSurrogate(code_point) || IsLowSurrogate(code_point)) {
      code_point = pbert::kReplacementCharacter;
    }
    to += pbert::EncodeUtf8(code_point, reinterpret_cast<uint8_t*>(to));
  }
  *to = '\0';
  size_ = static_cast<size_t>(to - data_);
  return true;
}

Utf8::~Utf8() { free(data_); }

Numbers::~Numbers() { free(data_); }

void Numbers::Add(uint32_t number) {
  if (size_ == capacity_) {
    const size_t capacity = capacity_ == 0 ? 64 : 2 * capacity_;
    void* grown = failed_ ? nullptr : realloc(data_, capacity * sizeof(*data_));
    if (grown == nullptr) return void(failed_ = true);
    data_ = static_cast<uint32_t*>(grown);
    capacity_ = capacity;
  }
  data_[size_++] = number;
}

jintArray Numbers::ToJava(JNIEnv* env) const {
  if (failed_ || size_ > INT32_MAX) return ThrowOutOfMemory(env), nullptr;
  const jintArray array = env->NewIntArray(static_cast<jsize>(size_));
  if (array == nullptr) return nullptr;
  env->SetIntArrayRegion(array, 0, static_cast<jsize>(size_), reinterpret_cast<const jint*>(data_));
  return array;
}

}  // namespace pocketbert_jni
