/* pocketbert: BERT-class text understanding on the device. The C interface.
 *
 * Conventions
 *
 *  1. Open a model (a .pbert file), make a session on it, ask the session.
 *     A model is immutable and may be shared by any number of sessions and threads.
 *     A session is used by one thread at a time; sessions on one model may run at once.
 *     Close them in any order: the model's memory goes with the last of its sessions.
 *  2. Functions that can fail return pbert_status; 0 is success. After a failure pbert_error()
 *     gives the reason ("where: why", in UTF-8) to the same thread, until its next failing call: the library
 *     keeps the reasons of the PBERT_ERROR_THREADS threads that failed last, and no memory for more.
 *     Outputs are untouched when a function fails. Null handles and null outputs are errors, never crashes.
 *  3. Text is UTF-8 with an explicit length in bytes; it need not end in a zero byte. Bytes that are
 *     not UTF-8 are read as U+FFFD. Text in and out is never kept, logged or sent anywhere.
 *  4. Every struct that a caller declares starts with `uint32_t struct_size`; set it to sizeof the
 *     struct (the initializers below do). Structs only grow at their end, so that old callers work
 *     with new libraries and the other way round: fields beyond struct_size have their default, 0, and
 *     a field that this library is too old to know must be 0 (else PBERT_UNSUPPORTED).
 *     pbert_extent, pbert_label_score and pbert_text, which come in arrays, never change; pbert_token only grows. An
 *     array of pbert_input has steps of its first struct_size.
 *  5. Results are read through accessors and live until the session's next call, or are copied into
 *     the caller's buffer: such functions return how many elements there are, whatever fits.
 *  6. Three memories, each asked for before it is taken and fixed afterwards:
 *     the file, mapped read-only (or the caller's own memory);
 *     the model's packed weights, one copy per backend, shared by its sessions: pbert_model_memory();
 *     the session's arena: pbert_session_memory().
 *     The last two may be given by the caller; any address will do. Once a session exists, asking it
 *     allocates nothing. Made before that, outside of the three: the handles themselves, the stacks of
 *     extra threads, and the tables of cpuinfo (what this CPU can do), made once in a process.
 *  7. The library never prints, never aborts, and throws nothing.
 *  8. Offsets in text come in three units: bytes, code points, and UTF-16 units.
 *  9. An open file is read where it lies, so it must not be changed in place: what is written over it is in
 *     the next answer, and reading behind a shortened end is SIGBUS. To replace it write the new file
 *     beside it and rename that: an open model keeps the old one, the next pbert_open gets the new one.
 * 10. A child of fork() may use its parent's models and its sessions of one thread. A session of several
 *     is PBERT_UNSUPPORTED there, because fork() copies no threads: make a new one in the child.
 */
#ifndef POCKETBERT_POCKETBERT_H_
#define POCKETBERT_POCKETBERT_H_

#include <stddef.h>
#include <stdint.h>

#if defined(POCKETBERT_BUILDING_SHARED)
#define PBERT_API __attribute__((visibility("default")))
#else
#define PBERT_API
#endif

#ifdef __cplusplus
extern "C" {
#define PBERT_INT : int /* any number may come from C, and be refused, where C++ allows an enum only those it lists */
#else
#define PBERT_INT
#endif

#define PBERT_VERSION "0.1.0"

typedef struct pbert_model pbert_model;
typedef struct pbert_session pbert_session;

typedef enum pbert_status PBERT_INT {
  PBERT_OK = 0,
  PBERT_INVALID_ARGUMENT = 1, /* the caller broke a rule of this interface */
  PBERT_IO = 2,               /* the operating system refused a file or a mapping */
  PBERT_BAD_FILE = 3,         /* not a .pbert file, damaged, or inconsistent */
  PBERT_UNSUPPORTED = 4,      /* well formed, but this library cannot do it */
  PBERT_NO_MEMORY = 5         /* an allocation failed, or the given memory is too small */
} pbert_status;

/* The reason of this thread's last failure; never null ("": it has not failed, or too many others have since). */
#define PBERT_ERROR_THREADS 32
PBERT_API const char* pbert_error(void);
/* The library's version, PBERT_VERSION of its own header. */
PBERT_API const char* pbert_version(void);

/* ------------------------------------------------------------------ model */

typedef struct pbert_open_options {
  uint32_t struct_size;
  uint32_t verify_data; /* 1: read all tensor data and check its checksum too */
} pbert_open_options;
#define PBERT_OPEN_OPTIONS {sizeof(pbert_open_options), 0}

/* `options` may be null everywhere. */
PBERT_API pbert_status pbert_open(const char* path, const pbert_open_options* options, pbert_model** model);
/* Maps `length` bytes (0: all that follow) from `offset`, a multiple of 4, of an open file, as Android hands
 * out assets. The descriptor may be closed afterwards. */
PBERT_API pbert_status pbert_open_fd(int fd, uint64_t offset, uint64_t length, const pbert_open_options* options,
                                     pbert_model** model);
/* Uses the caller's memory (4-byte aligned), which must stay until the model and its sessions are closed. */
PBERT_API pbert_status pbert_open_memory(const void* data, size_t size, const pbert_open_options* options,
                                         pbert_model** model);
/* Null is allowed. */
PBERT_API void pbert_close(pbert_model* model);

typedef enum pbert_task PBERT_INT {
  PBERT_TEXT_CLASSIFICATION = 0,
  PBERT_TOKEN_CLASSIFICATION = 1,
  PBERT_QUESTION_ANSWERING = 2,
  PBERT_FILL_MASK = 3,
  PBERT_FEATURE_EXTRACTION = 4,
  PBERT_NEXT_SENTENCE = 5
} pbert_task;

typedef enum pbert_problem_type PBERT_INT {
  PBERT_SINGLE_LABEL = 0, /* scores are a softmax */
  PBERT_MULTI_LABEL = 1,  /* scores are sigmoids */
  PBERT_REGRESSION = 2    /* scores are the outputs themselves */
} pbert_problem_type;

typedef struct pbert_model_info {
  uint32_t struct_size;
  uint32_t task;         /* pbert_task */
  uint32_t problem_type; /* pbert_problem_type */
  uint32_t label_count;
  uint32_t max_tokens; /* longest input, special tokens included; longer text is truncated, shorter never */
  uint32_t vocabulary_size;
  uint32_t hidden_size;
  uint32_t layer_count;
  float reject_threshold;     /* pbert_classification.understood below it means "not understood"; negative: the file
                                 has none */
  uint32_t truncation_tokens; /* the tokenizer's model_max_length, where a text is cut that is to be truncated; at most
                                 max_tokens */
  uint32_t special_tokens;    /* around a text without a pair */
  uint32_t pooling;           /* pbert_pooling of an embedding model's file; PBERT_POOL_TOKENS: it says none */
  uint32_t entailment_label;  /* that pbert_zero_shot looks at; PBERT_NO_LABEL: the file does not say which */
  uint32_t head_count;        /* heads of the file, each for another task */
  float null_threshold;       /* question answering: pbert_answer's allow_none; 0: the file has none */
} pbert_model_info;
#define PBERT_MODEL_INFO {sizeof(pbert_model_info), 0, 0, 0, 0, 0, 0, 0, 0.0f, 0, 0, 0, 0, 0, 0.0f}
#define PBERT_NO_LABEL 0xFFFFFFFFu

/* What the model's first head is for, and what all heads have in common. */
PBERT_API pbert_status pbert_get_model_info(const pbert_model* model, pbert_model_info* info);
/* The same about the head of this number, which is below head_count. */
PBERT_API pbert_status pbert_get_head_info(const pbert_model* model, uint32_t head, pbert_model_info* info);
/* The name of a label of the first head, zero-terminated, alive as long as the model; null when index >= label_count.
 */
PBERT_API const char* pbert_label(const pbert_model* model, uint32_t index);
/* The same of any head; null, too, when head >= head_count. */
PBERT_API const char* pbert_head_label(const pbert_model* model, uint32_t head, uint32_t index);
/* The number of the head for a task; head_count when there is none. */
PBERT_API uint32_t pbert_task_head(const pbert_model* model, pbert_task task);

typedef enum pbert_backend PBERT_INT {
  PBERT_AUTO = 0, /* the fastest on this CPU */
  PBERT_XNNPACK = 1,
  PBERT_NATIVE = 2,   /* our own matrix products, where the build has them */
  PBERT_REFERENCE = 3 /* plain and slow; what the others are tested against */
} pbert_backend;

/* Bytes of packed weights that `backend` needs for this model; 0 where it runs from the file as it lies, as PBERT_AUTO
 * does on x86 with AVX2 and on 64-bit ARM. */
PBERT_API pbert_status pbert_model_memory(const pbert_model* model, pbert_backend backend, size_t* bytes);
/* Packs the weights now into `memory` (at least pbert_model_memory bytes, in use until the model and its sessions
 * are closed) or, when null, into memory of the library's own; those that need no packing it maps, which reads them
 * from the disk. Without this call the first session does it with null; after it, or once packed, giving memory is an
 * error, and not giving any does nothing. */
PBERT_API pbert_status pbert_prepare(pbert_model* model, pbert_backend backend, void* memory, size_t size);

/* ---------------------------------------------------------------- session */

typedef struct pbert_session_options {
  uint32_t struct_size;
  uint32_t max_tokens; /* longest input of this session; 0: the longest that one of its heads takes */
  uint32_t threads;    /* 0 or 1: the calling thread alone; at most 64, the others kept to the larger cores */
  uint32_t backend;    /* pbert_backend */
  void* memory;        /* the arena, or null to let the library take one */
  size_t memory_size;  /* at least pbert_session_memory */
  uint32_t tasks;      /* what it will be asked, 1u << pbert_task for each; 0: all that the file has heads for */
  uint32_t learned; /* labels that it has room to learn (pbert_learn), at most 4,096, of a few hundred bytes each; 0: 32
                       where the file can, else none */
} pbert_session_options;
#define PBERT_SESSION_OPTIONS {sizeof(pbert_session_options), 0, 0, 0, NULL, 0, 0, 0}

/* A file may have several heads on one encoder. Each question goes to the head for its task. A session with several of
 * them keeps what the encoder made of the last text: the next question about the same text, of any task, runs its head
 * alone. (The same tokens, that is: a long text must also be cut alike, as with pbert_input.max_tokens.) For that the
 * encoder computes what any of the session's heads reads, all tokens in the last layer where pbert_classify alone
 * would need one; `tasks` with a single task makes a session as if the file had that head only. Where a file has heads
 * for PBERT_TEXT_CLASSIFICATION and PBERT_NEXT_SENTENCE, pbert_classify asks the former, unless `tasks` leaves it out.
 */

/* Bytes of arena for a session with these options. */
PBERT_API pbert_status pbert_session_memory(const pbert_model* model, const pbert_session_options* options,
                                            size_t* bytes);
PBERT_API pbert_status pbert_session_create(pbert_model* model, const pbert_session_options* options,
                                            pbert_session** session);
/* Null is allowed. */
PBERT_API void pbert_session_destroy(pbert_session* session);

/* ------------------------------------------------------------------- text */

typedef enum pbert_truncation PBERT_INT {
  PBERT_LONGEST_FIRST = 0,
  PBERT_ONLY_FIRST = 1, /* of a pair the text alone; if that cannot be cut enough, the session's limit holds */
  PBERT_ONLY_SECOND = 2 /* of a pair the second alone; if that cannot be cut enough, PBERT_INVALID_ARGUMENT */
} pbert_truncation;

/* A text, or a pair of texts (pair null: none). */
typedef struct pbert_input {
  uint32_t struct_size;
  uint32_t max_tokens; /* truncate to this many tokens, the longer text first; 0: the session's limit, the most
                          (pbert_tag, pbert_zero_shot: truncation_tokens; pbert_answer: windows of 384 or
                          truncation_tokens) */
  const char* text;    /* null is the empty text */
  size_t text_size;    /* bytes, less than 2^32 */
  const char* pair;    /* null: there is none; an empty pair is not null */
  size_t pair_size;
  uint32_t truncation; /* pbert_truncation */
  uint32_t stride;     /* 0: a text that is too long is cut. Else one without a pair is read whole, in windows of
                          max_tokens that share `stride` tokens, or none (PBERT_NO_STRIDE): pbert_classify and
                          pbert_embed give the mean of the windows' logits or vectors, weighted by their tokens,
                          pbert_tag_windows each entity once. Other functions refuse it, pbert_tokenize does not read it */
} pbert_input;
#define PBERT_INPUT {sizeof(pbert_input), 0, NULL, 0, NULL, 0, 0, 0}
#define PBERT_NO_STRIDE 0xFFFFFFFFu

/* A text among several. */
typedef struct pbert_text {
  const char* text;
  size_t text_size;
} pbert_text;

/* A place in the text that was given, as [begin, end) in one of three units. */
typedef struct pbert_extent {
  uint32_t begin_bytes, end_bytes;
  uint32_t begin_code_points, end_code_points;
  uint32_t begin_utf16, end_utf16;
} pbert_extent;

typedef struct pbert_token {
  int32_t id;
  uint32_t type_id;
  uint32_t source;   /* 0: special token, 1: in the text, 2: in the pair */
  const char* piece; /* the vocabulary's spelling ("##ing"), not zero-terminated; alive as long as the model */
  size_t piece_size;
  pbert_extent extent; /* zeros for special tokens */
} pbert_token;

/* Receives one token; returns 0 to go on, anything else to stop. */
typedef int (*pbert_token_visitor)(void* context, const pbert_token* token);

/* All tokens of an input in order, special ones included, nothing truncated (max_tokens is not read), in memory that
 * does not grow with the text. Calls the visitor on the calling thread. Needs no session; allocates its small scratch.
 */
PBERT_API pbert_status pbert_tokenize(const pbert_model* model, const pbert_input* input, pbert_token_visitor visitor,
                                      void* context);

/* --------------------------------------------------------- classification */

typedef struct pbert_label_score {
  uint32_t label; /* index, see pbert_head_label (pbert_label, if the head is the first; pbert_session_label where
                     labels were learned) */
  float score;
} pbert_label_score;

typedef struct pbert_classification {
  uint32_t struct_size;
  uint32_t count;                  /* number of labels, all of them, learned ones too */
  uint32_t rejected;               /* 1: `understood` is below the model's reject threshold: "not understood" */
  uint32_t truncated;              /* 1: the text was longer than the limit and was cut */
  uint32_t token_count;            /* tokens that the network saw */
  const pbert_label_score* labels; /* [count], highest score first; ties in label order */
  const float* logits;             /* [count], in label order */
  const int32_t* token_ids;        /* [token_count] */
  float understood;                /* what the reject threshold is compared with, from 0 to 1: the top score, or in a
                                      file that measures it how well the text fits the labels at all */
  uint32_t reserved;               /* 0 */
} pbert_classification;
#define PBERT_CLASSIFICATION {sizeof(pbert_classification), 0, 0, 0, 0, NULL, NULL, NULL, 0.0f, 0}

/* Classifies a text or a pair; for next-sentence models, label 0 is "follows", 1 "does not". The arrays of `result`
 * live until the session's next call. */
PBERT_API pbert_status pbert_classify(pbert_session* session, const pbert_input* input, pbert_classification* result);

/* Receives the result for inputs[index], which lives until the visitor returns; returns 0 to go on, anything else to
 * stop. Must not ask the session, except for pbert_last_tokens. The result's struct_size is the library's. */
typedef int (*pbert_classification_visitor)(void* context, uint32_t index, const pbert_classification* result);

/* Classifies `inputs` [count], all of one struct_size, as pbert_classify would one after the other, but faster where
 * texts are short: several run through the network at once, as many tokens as pay and no more than the session's
 * max_tokens, in no more memory. A text with a stride runs alone. Calls the visitor in order, on the calling thread.
 * The answers of PBERT_NATIVE and PBERT_REFERENCE are those of pbert_classify to the bit. The first input that fails
 * ends it: those before it have been visited, so that the number of visits is its index, which pbert_error() says
 * too ("inputs[3]: ..."). */
PBERT_API pbert_status pbert_classify_batch(pbert_session* session, const pbert_input* inputs, uint32_t count,
                                            pbert_classification_visitor visitor, void* context);

/* ------------------------------------------------------ learning labels */

/* A file made by `pocketbert build` lets a session learn labels of the application's user, from a few sentences each
 * and without a network. They count as labels behind those of the file, belong to the session, and can be kept in a
 * small file. Other files: PBERT_UNSUPPORTED. */

typedef struct pbert_overlap {
  uint32_t sentence; /* index among those that were given */
  uint32_t label;    /* that the session took it for */
  float score;
} pbert_overlap;

typedef struct pbert_learned {
  uint32_t struct_size;
  uint32_t label;         /* the new label's index, see pbert_session_label */
  uint32_t overlap_count; /* sentences that were understood as another label before: ask the user whether that one was
                             meant, or for other sentences */
  uint32_t reserved;      /* 0 */
  const pbert_overlap* overlaps; /* [overlap_count]; lives until the session's next call */
} pbert_learned;
#define PBERT_LEARNED {sizeof(pbert_learned), 0, 0, 0, NULL}

/* Learns the label `name` (1 to 127 bytes, none of the file's labels) from `sentences` [count], 1 to 64, five are a
 * good number; a label of that name that was learned before is replaced. Costs a pass of the network for each and next
 * to nothing besides; allocates nothing. `result` may be null. */
PBERT_API pbert_status pbert_learn(pbert_session* session, const char* name, size_t name_size,
                                   const pbert_text* sentences, uint32_t count, pbert_learned* result);
/* Labels behind it move up by one. */
PBERT_API pbert_status pbert_forget(pbert_session* session, const char* name, size_t name_size);
/* The name of a label of the file's or a learned one, zero-terminated; null behind the last. A learned one's lives
 * until the session's next pbert_learn, pbert_forget or pbert_load_learned. */
PBERT_API const char* pbert_session_label(const pbert_session* session, uint32_t label);
/* Writes what was learned to a file, a few hundred bytes a label, which is replaced in one step: a process that ends at
 * any moment leaves the old one or the new one, and perhaps PATH.new, which the next call replaces. */
PBERT_API pbert_status pbert_save_learned(const pbert_session* session, const char* path);
/* Reads such a file, in place of all that the session has learned. One that is damaged or of another model is
 * PBERT_BAD_FILE, and changes nothing. */
PBERT_API pbert_status pbert_load_learned(pbert_session* session, const char* path);

/* ------------------------------------------- the other tasks: each needs a head of its own kind, pbert_task */

typedef enum pbert_aggregation PBERT_INT { /* the strategies of the reference's token-classification pipeline */
                                           PBERT_AGGREGATE_NONE = 0,
                                           PBERT_AGGREGATE_SIMPLE = 1,
                                           PBERT_AGGREGATE_FIRST = 2,
                                           PBERT_AGGREGATE_AVERAGE = 3,
                                           PBERT_AGGREGATE_MAX = 4
} pbert_aggregation;

typedef struct pbert_entity {
  uint32_t label; /* of its first word or token, B- or I- included; see pbert_head_label */
  float score;
  uint32_t first_token, token_count; /* in token_ids */
  pbert_extent extent;
} pbert_entity;

typedef struct pbert_entities {
  uint32_t struct_size;
  uint32_t count;
  uint32_t truncated;
  uint32_t token_count;
  const pbert_entity* entities; /* [count], in the order of their tokens, without those labelled O */
  const int32_t* token_ids;     /* [token_count] */
} pbert_entities;
#define PBERT_ENTITIES {sizeof(pbert_entities), 0, 0, 0, NULL, NULL}

/* Tags the tokens of a text and groups them to entities as `aggregation` says. */
PBERT_API pbert_status pbert_tag(pbert_session* session, const pbert_input* input, pbert_aggregation aggregation,
                                 pbert_entities* result);
typedef struct pbert_tag_options {
  uint32_t struct_size;
  uint32_t aggregation; /* pbert_aggregation */
  uint32_t ignored_count;
  const char* const* ignored; /* [ignored_count] labels whose entities are left out, or groups (labels without what is
                                 before the first hyphen) if there is an aggregation; null: O */
} pbert_tag_options;
#define PBERT_TAG_OPTIONS {sizeof(pbert_tag_options), PBERT_AGGREGATE_NONE, 0, NULL}

/* Receives one entity; returns 0 to go on, anything else to stop. Must not ask the session. */
typedef int (*pbert_entity_visitor)(void* context, const pbert_entity* entity);

/* Tags a text of any length in memory that does not grow with it: with input.stride, in windows. Of entities that
 * several windows found in one place the longest comes, as in the reference's pipeline with a stride. Entities come in
 * the order of their tokens; their first_token counts those of the window in which they were found. Calls the visitor
 * on the calling thread. `options` may be null. */
PBERT_API pbert_status pbert_tag_windows(pbert_session* session, const pbert_input* input,
                                         const pbert_tag_options* options, pbert_entity_visitor visitor, void* context);

/* An entity's text as the file's decoder makes it of its tokens, as the reference's "word": for an entity of the
 * session's last pbert_tag, or the one that a visitor has just received, with that call's input and aggregation. Copies
 * at most `capacity` bytes to `word`, not zero-terminated; *size is how many there are. Allocates its small scratch. */
PBERT_API pbert_status pbert_entity_word(const pbert_session* session, const pbert_input* input,
                                         pbert_aggregation aggregation, const pbert_entity* entity, char* word,
                                         size_t capacity, size_t* size);

typedef struct pbert_answer_options {
  uint32_t struct_size;
  uint32_t top_k;             /* 0: 1; at most 64 */
  uint32_t doc_stride;        /* tokens that neighbouring windows share; 0: 128, or half a window if that is less;
                                 PBERT_NO_STRIDE: none */
  uint32_t max_answer_tokens; /* 0: 15 */
  uint32_t allow_none;        /* 1: "no answer" competes too, as an answer of extent 0, 0. Under a file with a threshold
                                 (pbert_model_info.null_threshold) it is first when its score less that of the best
                                 answer is above the threshold, and else not, wherever its score places it */
  uint32_t part_words;        /* 1: an answer may begin and end within words */
} pbert_answer_options;
#define PBERT_ANSWER_OPTIONS {sizeof(pbert_answer_options), 0, 0, 0, 0, 0}

typedef struct pbert_answer_span {
  float score;
  pbert_extent extent; /* in the context, whole words as the tokenizer splits them */
} pbert_answer_span;

/* Answers the question input.text from the context input.pair, however long, in windows of input.max_tokens (0: 384).
 * Copies the best spans to `spans` [capacity]; *count is how many there are. A context without tokens has one answer of
 * score 0 and extent 0, 0. `options` may be null. */
PBERT_API pbert_status pbert_answer(pbert_session* session, const pbert_input* input,
                                    const pbert_answer_options* options, pbert_answer_span* spans, uint32_t capacity,
                                    uint32_t* count);

/* Zero-shot classification with a model of natural-language inference (text classification with a label that begins
 * with "entail"; without one the last is taken): which of the `hypotheses` [count] the text entails, most likely first
 * in `scores` [count], label being the hypothesis's index. The scores sum to 1, or with `multi_label` each stands for
 * itself. Runs the network `count` times. Input.max_tokens 0 is truncation_tokens; the text is cut and no hypothesis.
 * *truncated, which may be null, says whether it was. After an error what is in `scores` means nothing. */
PBERT_API pbert_status pbert_zero_shot(pbert_session* session, const pbert_input* input, const pbert_text* hypotheses,
                                       uint32_t count, int multi_label, pbert_label_score* scores, uint32_t* truncated);

/* Ranks texts by how well they answer the query input.text, with a cross-encoder (text classification with one label),
 * which reads each `candidates` [count] together with the query: best first in `scores` [count], label being the
 * candidate's index. Runs the network `count` times. Input.max_tokens 0 is truncation_tokens; the longer text is cut.
 * *truncated, which may be null, says whether one was. After an error what is in `scores` means nothing. */
PBERT_API pbert_status pbert_rerank(pbert_session* session, const pbert_input* input, const pbert_text* candidates,
                                    uint32_t count, pbert_label_score* scores, uint32_t* truncated);

typedef enum pbert_pooling PBERT_INT { /* numbers of the file's own */
                                       PBERT_POOL_TOKENS = 0,
                                       PBERT_POOL_CLS = 1,
                                       PBERT_POOL_MEAN = 2,
                                       PBERT_POOL_MAX = 3,
                                       PBERT_POOL_MODEL = 4
} pbert_pooling;

typedef struct pbert_embedding {
  uint32_t struct_size;
  uint32_t rows;    /* 1, or the number of tokens for PBERT_POOL_TOKENS */
  uint32_t columns; /* hidden_size */
  uint32_t truncated;
  const float* values; /* [rows, columns] */
} pbert_embedding;
#define PBERT_EMBEDDING {sizeof(pbert_embedding), 0, 0, 0, NULL}

/* PBERT_POOL_MODEL: what the file says (sentence-transformers' pooling and normalization), mean where it says nothing.
 * Others are normalized to unit length if `normalize`. */
PBERT_API pbert_status pbert_embed(pbert_session* session, const pbert_input* input, pbert_pooling pooling,
                                   int normalize, pbert_embedding* result);

/* As pbert_classification_visitor. */
typedef int (*pbert_embedding_visitor)(void* context, uint32_t index, const pbert_embedding* result);

/* Embeds `inputs` [count] as pbert_embed would one after the other, several at once: see pbert_classify_batch. */
PBERT_API pbert_status pbert_embed_batch(pbert_session* session, const pbert_input* inputs, uint32_t count,
                                         pbert_pooling pooling, int normalize, pbert_embedding_visitor visitor,
                                         void* context);

typedef struct pbert_fill {
  uint32_t token; /* position of the mask among the tokens */
  int32_t id;     /* of the piece that fills it, see pbert_piece */
  float score;
} pbert_fill;

/* The `top_k` (0: 5) best pieces for each mask token, best first, mask after mask, of all pieces or of the `targets`
 * [target_count]. Copies them to `fills` [capacity]; *count is how many there are. */
PBERT_API pbert_status pbert_fill_mask(pbert_session* session, const pbert_input* input, uint32_t top_k,
                                       const int32_t* targets, uint32_t target_count, pbert_fill* fills,
                                       uint32_t capacity, uint32_t* count);

/* The cosine of two embeddings' angle, from -1 to 1; 0 where one of them is all zeros or holds a value that is
 * not finite. */
PBERT_API float pbert_similarity(const float* a, const float* b, uint32_t columns);

/* An embedding of `columns` (at most 4,096) values in as many bytes, to be searched by pbert_nearest: the largest
 * absolute value becomes 127; a cosine does not see the factor. Zeros, if a value is not finite, as of a query for
 * pbert_nearest. */
PBERT_API pbert_status pbert_quantize_vector(const float* vector, uint32_t columns, int8_t* quantized);

/* The rows of `vectors` [count, columns] that are nearest to `query` by cosine, nearest first, ties in order, label
 * being the row's index: all rows are looked at. Writes at most `capacity` to `best`; *found is how many. 100,000 rows
 * of 384 take some milliseconds. Thread-safe. */
PBERT_API pbert_status pbert_nearest(const float* query, uint32_t columns, const int8_t* vectors, uint32_t count,
                                     pbert_label_score* best, uint32_t capacity, uint32_t* found);

/* The tokens that the network saw last, [count], and whether the text was cut for that; each output may be null. They
 * live until the session's next call. */
PBERT_API pbert_status pbert_last_tokens(const pbert_session* session, const int32_t** token_ids, uint32_t* count,
                                         uint32_t* truncated);

/* The text of token ids [count], by the file's decoder, as the reference's tokenizer.decode() gives it; without special
 * tokens if `skip_special`. Ids that the vocabulary does not have leave nothing behind. Copies at most `capacity` bytes
 * to `text`, not zero-terminated; *size is how many there are. Allocates its small scratch. */
PBERT_API pbert_status pbert_decode(const pbert_model* model, const int32_t* ids, size_t count, int skip_special,
                                    char* text, size_t capacity, size_t* size);

/* A piece's spelling, not zero-terminated, alive as long as the model (empty: there is none), and back (-1). */
PBERT_API const char* pbert_piece(const pbert_model* model, int32_t id, size_t* size);
PBERT_API int32_t pbert_piece_id(const pbert_model* model, const char* piece, size_t size);

/* ------------------------------------------------------ entities without a model, in English */

typedef enum pbert_entity_kind PBERT_INT {                      /* and the form of their values */
                                           PBERT_NUMBER = 0,    /* "1200.5": decimal, exact */
                                           PBERT_ORDINAL = 1,   /* "3" */
                                           PBERT_DATE = 2,      /* ISO 8601: "2026-11-28"; a month "2026-11", a week
                                                                   "2026-W48", a year "2026" */
                                           PBERT_TIME = 3,      /* "T17:00", "T17:00:30" */
                                           PBERT_DATE_TIME = 4, /* "2026-11-28T17:00"; a Z behind it as in the text */
                                           PBERT_DURATION = 5,  /* "PT45M", "P2W" */
                                           PBERT_MONEY = 6,     /* "12.50 USD", "20 EUR": ISO 4217 */
                                           PBERT_EMAIL = 7,     /* as in the text, the domain in lower case */
                                           PBERT_URL = 8,       /* as in the text, scheme and host in lower case */
                                           PBERT_PHONE = 9      /* "+442079460958": digits, a + if there is one */
} pbert_entity_kind;

typedef struct pbert_find_options {
  uint32_t struct_size;
  uint32_t kinds;     /* 1u << pbert_entity_kind for each; 0: all */
  uint32_t day_first; /* 1: "3/4/2025" is the 3rd of April; 0: March 4th */
  uint32_t has_now; /* 1: the fields below are set. 0: what is relative to now ("tomorrow") is found without a value */
  int32_t year, month, day, hour, minute,
      second; /* the user's local time: 1 to 9999, 1 to 12, 1 to 31, 0 to 23, 0 to 59 twice */
} pbert_find_options;
#define PBERT_FIND_OPTIONS {sizeof(pbert_find_options), 0, 0, 0, 0, 0, 0, 0, 0, 0}

typedef struct pbert_found_entity {
  uint32_t struct_size; /* the library's */
  uint32_t kind;        /* pbert_entity_kind */
  pbert_extent extent;
  const char* value; /* zero-terminated, alive until the visitor returns; "": relative to a now that was not given, or
                        an address of more than 255 bytes: then the text itself is it */
  size_t value_size;
} pbert_found_entity;

/* Receives one entity; returns 0 to go on, anything else to stop. */
typedef int (*pbert_found_entity_visitor)(void* context, const pbert_found_entity* entity);

/* Finds entities of a text (less than 2^32 bytes; null is the empty one), from left to right, none within another, in
 * time that grows with the text and memory that does not. What is ambiguous is read so: a weekday, with "next" or
 * without, is the first one after today; "March 3rd" is the first one from today on; "5" is a number and no time;
 * "5:30" is in the morning unless "pm" or the like is said. Needs no model, allocates nothing, calls the visitor on the
 * calling thread. Thread-safe. `options` may be null. */
PBERT_API pbert_status pbert_find_entities(const char* text, size_t text_size, const pbert_find_options* options,
                                           pbert_found_entity_visitor visitor, void* context);

#ifdef __cplusplus
}
#endif

#endif /* POCKETBERT_POCKETBERT_H_ */
