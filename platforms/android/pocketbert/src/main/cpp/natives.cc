// The native functions of Natives.kt, in its order. Handles are addresses in a long. Results are int arrays whose
// layout Session.kt reads; an error is a PocketbertException that is pending when the function returns. That a handle
// is alive and used by one thread at a time is seen to in Handle.kt.
#include <cstdlib>

#include "java.h"

using pocketbert_jni::Numbers;
using pocketbert_jni::ThrowError;
using pocketbert_jni::Utf8;

namespace {

// A model, and the direct buffer that it lies in: a field of a Java object that is never read could be optimized away.
struct OpenModel {
  pbert_model* model;
  jobject buffer;  // a global reference, or null
};

template <typename T>
T* PointerOf(jlong handle) {
  return reinterpret_cast<T*>(static_cast<intptr_t>(handle));
}
pbert_model* ModelOf(jlong handle) { return PointerOf<OpenModel>(handle)->model; }
pbert_session* SessionOf(jlong handle) { return PointerOf<pbert_session>(handle); }

bool Succeeded(JNIEnv* env, pbert_status status) {
  if (status != PBERT_OK) ThrowError(env, status);
  return status == PBERT_OK;
}

// As the C interface says it: 0 is its default, and no tokens in common a number of its own.
uint32_t StrideOf(jint stride) {
  return stride < 0 ? 0 : stride == 0 ? PBERT_NO_STRIDE : static_cast<uint32_t>(stride);
}

// A text and perhaps its pair, as long as they are asked about.
class Input {
 public:
  // A stride below 0 is none: a text that is too long is cut.
  Input(JNIEnv* env, jstring text, jstring pair, jint max_tokens = 0, jint stride = -1)
      : text_(env, text), pair_(env, text_.failed() ? nullptr : pair) {
    input_.text = text_.data();
    input_.text_size = text_.size();
    input_.pair = pair_.data();
    input_.pair_size = pair_.size();
    input_.max_tokens = static_cast<uint32_t>(max_tokens);
    input_.stride = StrideOf(stride);
  }
  bool failed() const { return text_.failed() || pair_.failed(); }
  const pbert_input* get() const { return &input_; }

 private:
  Utf8 text_, pair_;
  pbert_input input_ = PBERT_INPUT;
};

jlong HandleOf(void* pointer) { return static_cast<jlong>(reinterpret_cast<intptr_t>(pointer)); }

// The handle of the model that open(const pbert_open_options*, pbert_model**) opens; 0: an exception is pending.
template <typename Open>
jlong OpenWith(JNIEnv* env, jboolean verify, jobject buffer, const Open& open) {
  auto* opened = static_cast<OpenModel*>(calloc(1, sizeof(OpenModel)));
  if (opened == nullptr) return pocketbert_jni::ThrowOutOfMemory(env), 0;
  pbert_open_options options = PBERT_OPEN_OPTIONS;
  options.verify_data = verify != JNI_FALSE;
  if (!Succeeded(env, open(&options, &opened->model))) {
    free(opened);
    return 0;
  }
  if (buffer != nullptr) opened->buffer = env->NewGlobalRef(buffer);
  return HandleOf(opened);
}

// Zeroed memory for so many elements, given back at the end.
template <typename T>
class Elements {
 public:
  Elements() = default;
  ~Elements() { free(data_); }
  Elements(const Elements&) = delete;
  Elements& operator=(const Elements&) = delete;

  // Forgets what it held. False: an exception is pending.
  bool Resize(JNIEnv* env, size_t count) {
    free(data_);
    data_ = static_cast<T*>(calloc(count + 1, sizeof(T)));
    capacity_ = count;
    if (data_ == nullptr) pocketbert_jni::ThrowOutOfMemory(env);
    return data_ != nullptr;
  }
  T* data() { return data_; }
  uint32_t capacity() const { return static_cast<uint32_t>(capacity_); }

 private:
  T* data_ = nullptr;
  size_t capacity_ = 0;
};

// An answer as Session.kt reads it: rejected, truncated, tokens; then for each label: label, score.
void Add(const pbert_classification& result, Numbers* numbers) {
  numbers->Add({result.rejected, result.truncated, result.token_count});
  for (uint32_t i = 0; i < result.count; ++i) {
    numbers->Add(result.labels[i].label);
    numbers->Add(result.labels[i].score);
  }
}

// truncated, rows; then the values, row after row.
void Add(const pbert_embedding& result, Numbers* numbers) {
  numbers->Add(result.truncated);
  numbers->Add(result.rows);
  for (size_t i = 0; i < size_t{result.rows} * result.columns; ++i) numbers->Add(result.values[i]);
}

// The strings of a Java array.
class Texts {
 public:
  Texts(JNIEnv* env, jobjectArray strings) {
    const jsize count = env->GetArrayLength(strings);
    if (!texts_.Resize(env, static_cast<size_t>(count))) return;
    for (; read_ < count; ++read_) {
      const auto string = static_cast<jstring>(env->GetObjectArrayElement(strings, read_));
      Utf8 text(env, string);
      env->DeleteLocalRef(string);  // of which there may be few at a time
      if (text.failed()) return;
      pbert_text& read = texts_.data()[read_];
      read.text_size = text.size();
      read.text = text.Release();
    }
    failed_ = false;
  }
  ~Texts() {
    for (jsize i = 0; i < read_; ++i) free(const_cast<char*>(texts_.data()[i].text));
  }
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;

  bool failed() const { return failed_; }  // an exception is pending
  const pbert_text* data() { return texts_.data(); }
  uint32_t count() const { return texts_.capacity(); }

 private:
  Elements<pbert_text> texts_;
  jsize read_ = 0;
  bool failed_ = true;
};

// Asks about the text with each of `texts`, by ask(input, texts, scores, truncated). Returns truncated; then for each,
// best first: its index, score.
template <typename Ask>
jintArray Rank(JNIEnv* env, jstring text, jobjectArray texts, const Ask& ask) {
  const Input input(env, text, nullptr);
  if (input.failed()) return nullptr;
  Texts read(env, texts);
  Elements<pbert_label_score> scores;
  if (read.failed() || !scores.Resize(env, read.count())) return nullptr;
  uint32_t truncated = 0;
  if (!Succeeded(env, ask(input.get(), &read, scores.data(), &truncated))) return nullptr;
  Numbers numbers;
  numbers.Add(truncated);
  for (uint32_t i = 0; i < read.count(); ++i) {
    numbers.Add(scores.data()[i].label);
    numbers.Add(scores.data()[i].score);
  }
  return numbers.ToJava(env);
}

// What the visitor of several texts' answers fills.
struct Answers {
  JNIEnv* env;
  jobjectArray arrays;
};

template <typename Result>
int KeepAnswer(void* context, uint32_t index, const Result* result) {
  const auto* answers = static_cast<const Answers*>(context);
  Numbers numbers;
  Add(*result, &numbers);
  const jintArray array = numbers.ToJava(answers->env);
  if (array == nullptr) return 1;  // an exception is pending
  answers->env->SetObjectArrayElement(answers->arrays, static_cast<jsize>(index), array);
  answers->env->DeleteLocalRef(array);  // of which there may be few at a time
  return 0;
}

// Asks about all texts by ask(inputs, count, answers). Returns an int[] for each, in order.
template <typename Ask>
jobjectArray AskAll(JNIEnv* env, jobjectArray texts, jint stride, const Ask& ask) {
  Texts read(env, texts);
  Elements<pbert_input> inputs;
  if (read.failed() || !inputs.Resize(env, read.count())) return nullptr;
  for (uint32_t i = 0; i < read.count(); ++i) {
    pbert_input input = PBERT_INPUT;
    input.text = read.data()[i].text;
    input.text_size = read.data()[i].text_size;
    input.stride = StrideOf(stride);
    inputs.data()[i] = input;
  }
  const jclass numbers = env->FindClass("[I");
  if (numbers == nullptr) return nullptr;
  Answers answers{env, env->NewObjectArray(static_cast<jsize>(read.count()), numbers, nullptr)};
  if (answers.arrays == nullptr || !Succeeded(env, ask(inputs.data(), read.count(), &answers))) return nullptr;
  return answers.arrays;
}

}  // namespace

#define POCKETBERT_NATIVE(type, name) JNIEXPORT type JNICALL Java_io_github_pocketbert_Natives_##name

extern "C" {

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  void* env = nullptr;
  if (vm->GetEnv(&env, JNI_VERSION_1_6) != JNI_OK) return JNI_ERR;
  return pocketbert_jni::FindException(static_cast<JNIEnv*>(env)) ? JNI_VERSION_1_6 : JNI_ERR;
}

POCKETBERT_NATIVE(jstring, version)(JNIEnv* env, jclass) {
  return pocketbert_jni::NewString(env, pbert_version(), strlen(pbert_version()));
}

POCKETBERT_NATIVE(jlong, openPath)(JNIEnv* env, jclass, jstring path, jboolean verify) {
  const Utf8 name(env, path);
  if (name.failed()) return 0;
  return OpenWith(env, verify, nullptr, [&name](const pbert_open_options* options, pbert_model** model) {
    return pbert_open(name.data(), options, model);
  });
}

POCKETBERT_NATIVE(jlong, openDescriptor)
(JNIEnv* env, jclass, jint descriptor, jlong offset, jlong length, jboolean verify) {
  return OpenWith(env, verify, nullptr, [&](const pbert_open_options* options, pbert_model** model) {
    return pbert_open_fd(descriptor, static_cast<uint64_t>(offset), static_cast<uint64_t>(length), options, model);
  });
}

POCKETBERT_NATIVE(jlong, openBuffer)(JNIEnv* env, jclass, jobject buffer, jlong size, jboolean verify) {
  const void* data = env->GetDirectBufferAddress(buffer);
  return OpenWith(env, verify, buffer, [&](const pbert_open_options* options, pbert_model** model) {
    return pbert_open_memory(data, static_cast<size_t>(size), options, model);
  });
}

POCKETBERT_NATIVE(void, closeModel)(JNIEnv* env, jclass, jlong model) {
  auto* opened = PointerOf<OpenModel>(model);
  pbert_close(opened->model);
  if (opened->buffer != nullptr) env->DeleteGlobalRef(opened->buffer);
  free(opened);
}

// In the order of pbert_model_info.
POCKETBERT_NATIVE(jintArray, info)(JNIEnv* env, jclass, jlong model) {
  pbert_model_info info = PBERT_MODEL_INFO;
  if (!Succeeded(env, pbert_get_model_info(ModelOf(model), &info))) return nullptr;
  Numbers numbers;
  numbers.Add({info.task, info.problem_type, info.label_count, info.max_tokens, info.vocabulary_size, info.hidden_size,
               info.layer_count});
  numbers.Add(info.reject_threshold);
  return numbers.ToJava(env);
}

POCKETBERT_NATIVE(jstring, label)(JNIEnv* env, jclass, jlong model, jint index) {
  const char* label = pbert_label(ModelOf(model), static_cast<uint32_t>(index));
  return label != nullptr ? pocketbert_jni::NewString(env, label, strlen(label)) : nullptr;
}

POCKETBERT_NATIVE(jstring, piece)(JNIEnv* env, jclass, jlong model, jint id) {
  size_t size = 0;
  const char* piece = pbert_piece(ModelOf(model), id, &size);
  return pocketbert_jni::NewString(env, piece, piece != nullptr ? size : 0);
}

// -1: the vocabulary has no such piece.
POCKETBERT_NATIVE(jint, pieceId)(JNIEnv* env, jclass, jlong model, jstring piece) {
  const Utf8 spelling(env, piece);
  return spelling.failed() ? -1 : pbert_piece_id(ModelOf(model), spelling.data(), spelling.size());
}

// For each token: id, source, begin, end.
POCKETBERT_NATIVE(jintArray, tokenize)(JNIEnv* env, jclass, jlong model, jstring text, jstring pair) {
  const Input input(env, text, pair);
  if (input.failed()) return nullptr;
  Numbers numbers;
  const auto visit = [](void* context, const pbert_token* token) {
    auto* to = static_cast<Numbers*>(context);
    to->Add({static_cast<uint32_t>(token->id), token->source, token->extent.begin_utf16, token->extent.end_utf16});
    return to->failed() ? 1 : 0;
  };
  if (!Succeeded(env, pbert_tokenize(ModelOf(model), input.get(), visit, &numbers))) return nullptr;
  return numbers.ToJava(env);
}

POCKETBERT_NATIVE(jlong, openSession)(JNIEnv* env, jclass, jlong model, jint max_tokens, jint threads, jint backend) {
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.max_tokens = static_cast<uint32_t>(max_tokens);
  options.threads = static_cast<uint32_t>(threads);
  options.backend = static_cast<uint32_t>(backend);
  pbert_model_info info = PBERT_MODEL_INFO;
  if (!Succeeded(env, pbert_get_model_info(ModelOf(model), &info))) return 0;
  options.tasks = 1u << info.task;  // of several heads the first: the labels are its
  pbert_session* session = nullptr;
  return Succeeded(env, pbert_session_create(ModelOf(model), &options, &session)) ? HandleOf(session) : 0;
}

POCKETBERT_NATIVE(void, closeSession)(JNIEnv*, jclass, jlong session) { pbert_session_destroy(SessionOf(session)); }

POCKETBERT_NATIVE(jintArray, classify)(JNIEnv* env, jclass, jlong session, jstring text, jstring pair, jint stride) {
  const Input input(env, text, pair, 0, stride);
  pbert_classification result = PBERT_CLASSIFICATION;
  if (input.failed() || !Succeeded(env, pbert_classify(SessionOf(session), input.get(), &result))) return nullptr;
  Numbers numbers;
  Add(result, &numbers);
  return numbers.ToJava(env);
}

POCKETBERT_NATIVE(jobjectArray, classifyAll)(JNIEnv* env, jclass, jlong session, jobjectArray texts, jint stride) {
  return AskAll(env, texts, stride, [&](const pbert_input* inputs, uint32_t count, Answers* answers) {
    return pbert_classify_batch(SessionOf(session), inputs, count, KeepAnswer<pbert_classification>, answers);
  });
}

// truncated; then for each entity: label, score, begin, end.
POCKETBERT_NATIVE(jintArray, tag)
(JNIEnv* env, jclass, jlong session, jstring text, jint aggregation, jint stride) {
  const Input input(env, text, nullptr, 0, stride);
  if (input.failed()) return nullptr;
  pbert_tag_options options = PBERT_TAG_OPTIONS;
  options.aggregation = static_cast<uint32_t>(aggregation);
  Numbers numbers;
  numbers.Add(0u);
  const auto visit = [](void* context, const pbert_entity* entity) {
    auto* to = static_cast<Numbers*>(context);
    to->Add(entity->label);
    to->Add(entity->score);
    to->Add({entity->extent.begin_utf16, entity->extent.end_utf16});
    return to->failed() ? 1 : 0;
  };
  uint32_t truncated = 0;
  if (!Succeeded(env, pbert_tag_windows(SessionOf(session), input.get(), &options, visit, &numbers)) ||
      !Succeeded(env, pbert_last_tokens(SessionOf(session), nullptr, nullptr, &truncated))) {
    return nullptr;
  }
  numbers.Set(0, truncated);
  return numbers.ToJava(env);
}

// For each answer: score, begin, end. A stride below 0 is the usual one.
POCKETBERT_NATIVE(jintArray, answer)
(JNIEnv* env, jclass, jlong session, jstring question, jstring context, jint top_k, jboolean allow_none,
 jint max_answer_tokens, jint window_tokens, jint stride, jboolean part_words) {
  const Input input(env, question, context, window_tokens);
  pbert_answer_options options = PBERT_ANSWER_OPTIONS;
  options.top_k = static_cast<uint32_t>(top_k);
  options.allow_none = allow_none != JNI_FALSE;
  options.max_answer_tokens = static_cast<uint32_t>(max_answer_tokens);
  options.doc_stride = StrideOf(stride);
  options.part_words = part_words != JNI_FALSE;
  constexpr uint32_t kMost = 64;  // of top_k
  pbert_answer_span spans[kMost];
  uint32_t count = 0;
  if (input.failed() || !Succeeded(env, pbert_answer(SessionOf(session), input.get(), &options, spans, kMost, &count)))
    return nullptr;
  Numbers numbers;
  for (uint32_t i = 0; i < count && i < kMost; ++i) {
    numbers.Add(spans[i].score);
    numbers.Add(spans[i].extent.begin_utf16);
    numbers.Add(spans[i].extent.end_utf16);
  }
  return numbers.ToJava(env);
}

// For each piece that may fill a mask: the mask's place among the tokens, the piece's id, score.
POCKETBERT_NATIVE(jintArray, fillMask)(JNIEnv* env, jclass, jlong session, jstring text, jint top_k,
                                       jintArray targets) {
  const Input input(env, text, nullptr);
  if (input.failed()) return nullptr;
  Elements<jint> ids;
  const jsize target_count = targets != nullptr ? env->GetArrayLength(targets) : 0;
  if (!ids.Resize(env, static_cast<size_t>(target_count))) return nullptr;
  if (targets != nullptr) env->GetIntArrayRegion(targets, 0, target_count, ids.data());
  Elements<pbert_fill> fills;
  uint32_t count = static_cast<uint32_t>(top_k);
  do {  // how many masks the text has is known only afterwards
    if (!fills.Resize(env, count)) return nullptr;
    const pbert_status status =
        pbert_fill_mask(SessionOf(session), input.get(), static_cast<uint32_t>(top_k), ids.data(),
                        static_cast<uint32_t>(target_count), fills.data(), fills.capacity(), &count);
    if (!Succeeded(env, status)) return nullptr;
  } while (count > fills.capacity());
  Numbers numbers;
  for (uint32_t i = 0; i < count; ++i) {
    numbers.Add(fills.data()[i].token);
    numbers.Add(static_cast<uint32_t>(fills.data()[i].id));
    numbers.Add(fills.data()[i].score);
  }
  return numbers.ToJava(env);
}

POCKETBERT_NATIVE(jintArray, zeroShot)
(JNIEnv* env, jclass, jlong session, jstring text, jobjectArray hypotheses, jboolean multi_label) {
  return Rank(env, text, hypotheses,
              [&](const pbert_input* input, Texts* read, pbert_label_score* scores, uint32_t* cut) {
                return pbert_zero_shot(SessionOf(session), input, read->data(), read->count(), multi_label != JNI_FALSE,
                                       scores, cut);
              });
}

POCKETBERT_NATIVE(jintArray, rerank)
(JNIEnv* env, jclass, jlong session, jstring query, jobjectArray candidates) {
  return Rank(env, query, candidates,
              [&](const pbert_input* input, Texts* read, pbert_label_score* scores, uint32_t* cut) {
                return pbert_rerank(SessionOf(session), input, read->data(), read->count(), scores, cut);
              });
}

POCKETBERT_NATIVE(jfloat, similarity)(JNIEnv* env, jclass, jfloatArray a, jfloatArray b) {
  const jsize columns = env->GetArrayLength(a);
  Elements<float> first, second;
  if (!first.Resize(env, static_cast<size_t>(columns)) || !second.Resize(env, static_cast<size_t>(columns))) return 0;
  env->GetFloatArrayRegion(a, 0, columns, first.data());
  env->GetFloatArrayRegion(b, 0, columns, second.data());  // an exception if it is shorter
  return pbert_similarity(first.data(), second.data(), static_cast<uint32_t>(columns));
}

POCKETBERT_NATIVE(jintArray, embed)
(JNIEnv* env, jclass, jlong session, jstring text, jstring pair, jint pooling, jboolean normalize, jint stride) {
  const Input input(env, text, pair, 0, stride);
  pbert_embedding result = PBERT_EMBEDDING;
  if (input.failed() ||
      !Succeeded(env, pbert_embed(SessionOf(session), input.get(), static_cast<pbert_pooling>(pooling),
                                  normalize != JNI_FALSE, &result))) {
    return nullptr;
  }
  Numbers numbers;
  Add(result, &numbers);
  return numbers.ToJava(env);
}

POCKETBERT_NATIVE(jobjectArray, embedAll)
(JNIEnv* env, jclass, jlong session, jobjectArray texts, jint pooling, jboolean normalize, jint stride) {
  return AskAll(env, texts, stride, [&](const pbert_input* inputs, uint32_t count, Answers* answers) {
    return pbert_embed_batch(SessionOf(session), inputs, count, static_cast<pbert_pooling>(pooling),
                             normalize != JNI_FALSE, KeepAnswer<pbert_embedding>, answers);
  });
}

}  // extern "C"
