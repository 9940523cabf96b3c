// Without /proc and /sys, as in a bare chroot or a sandbox: cpuinfo finds no CPU, and answers are what they are with
// them. In children of a process that has not asked cpuinfo itself.
#include <doctest/doctest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/cpu.h"
#include "base/port_cpu.h"
#include "tests/support/in_child.h"
#include "tests/support/skip.h"
#include "tests/tasks/session_fixture.h"

namespace pbert::test {
namespace {

enum Outcome : int { kAnswered, kFailed, kStillThere, kNotAllowed };

constexpr uint32_t kMostScores = 8;

// What children find out.
struct Found {
  uint32_t count;
  float scores[kMostScores];
  CpuInfo cpu;
};

bool LeaveSystem(const char* folder) {
  if (chroot(folder) == 0) return chdir("/") == 0;
#if defined(__linux__)
  return unshare(CLONE_NEWUSER) == 0 && chroot(folder) == 0 && chdir("/") == 0;
#else
  return false;
#endif
}

int Answer(const Placed& bytes, pbert_backend backend, const char* folder, Found* found) {
  if (folder != nullptr) {
    if (!LeaveSystem(folder)) return kNotAllowed;
    if (access("/proc/cpuinfo", F_OK) == 0 || access("/sys", F_OK) == 0) return kStillThere;
  }
  pbert_model* model = nullptr;
  pbert_session* session = nullptr;
  const pbert_input text = Text("hello singing the a b world .");
  const pbert_session_options options = Options(0, 2, backend);
  pbert_classification answer = PBERT_CLASSIFICATION;
  pbert_status status = pbert_open_memory(bytes.data(), bytes.size(), nullptr, &model);
  if (status == PBERT_OK) status = pbert_session_create(model, &options, &session);
  if (status == PBERT_OK) status = pbert_classify(session, &text, &answer);
  if (status != PBERT_OK) return fprintf(stderr, "%s\n", pbert_error()), kFailed;
  found->count = std::min(answer.count, kMostScores);
  std::copy_n(answer.logits, found->count, found->scores);
  found->cpu = Cpu();
  pbert_session_destroy(session);
  pbert_close(model);
  return kAnswered;
}

// An empty folder, and memory that children share with us.
struct Place {
  char folder[40] = "/tmp/pocketbert-no-proc-XXXXXX";
  Found* found;
  Place() {
    REQUIRE(mkdtemp(folder) != nullptr);
    void* memory = mmap(nullptr, 2 * sizeof(Found), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    found = static_cast<Found*>(memory);
  }
  ~Place() {
    munmap(found, 2 * sizeof(Found));
    rmdir(folder);
  }
};

TEST_CASE("without /proc and /sys: the same answers") {
  const Place place;
  for (const schema::TensorType type : {schema::TensorType::I8, schema::TensorType::F32}) {
    const Placed bytes(TinyTextFile(type).Bytes(), 4);
    REQUIRE(InChild([&] { return Answer(bytes, PBERT_AUTO, nullptr, &place.found[0]); }) == kAnswered);
    const int outcome = InChild([&] { return Answer(bytes, PBERT_AUTO, place.folder, &place.found[1]); });
    if (outcome == kNotAllowed) return Skip("chroot is not allowed: not root, and no user namespaces");
    REQUIRE(outcome == kAnswered);
    const Found &with = place.found[0], &without = place.found[1];
    CHECK(without.cpu.cpuinfo == CpuInfo::Cpuinfo::kFailed);
    CHECK(with.cpu.Avx512() == without.cpu.Avx512());
    CHECK(with.cpu.avx2 == without.cpu.avx2);
    CHECK(with.cpu.neon == without.cpu.neon);
    CHECK(with.cpu.neon_dot == without.cpu.neon_dot);
    REQUIRE(with.count > 0);
    REQUIRE(with.count == without.count);
    const bool ours = type == schema::TensorType::I8 && !with.cpu.amx_int8 &&
                      (with.cpu.avx2 || (with.cpu.neon && sizeof(void*) == 8));
    for (uint32_t i = 0; i < with.count; ++i) {
      CAPTURE(i);
      if (ours) CHECK(with.scores[i] == without.scores[i]);
      CHECK(with.scores[i] == doctest::Approx(without.scores[i]).epsilon(1e-4));
    }
  }
}

TEST_CASE("without /proc and /sys: who asks for XNNPACK by name is told why not") {
  const Place place;
  const Placed bytes(TinyTextFile().Bytes(), 4);
  const int outcome = InChild([&] { return Answer(bytes, PBERT_XNNPACK, place.folder, &place.found[0]); });
  if (outcome == kNotAllowed) return Skip("chroot is not allowed: not root, and no user namespaces");
  CHECK(outcome == kFailed);
  CHECK(InChild([&] { return Answer(bytes, PBERT_REFERENCE, place.folder, &place.found[0]); }) == kAnswered);
}

// The last, as this process asks cpuinfo now.
TEST_CASE("zz the processor's own word is cpuinfo's") {
  CpuInfo own;
  AskProcessor(&own);
  const CpuInfo& cpu = Cpu();
  if (cpu.cpuinfo != CpuInfo::Cpuinfo::kKnows) return Skip("cpuinfo does not know this processor");
  CHECK(own.avx2 == cpu.avx2);
  CHECK(own.avx512f == cpu.avx512f);
  CHECK(own.avx512bw == cpu.avx512bw);
  CHECK(own.avx512vl == cpu.avx512vl);
  CHECK(own.avx512dq == cpu.avx512dq);
  CHECK(own.avx512vnni == cpu.avx512vnni);
  CHECK(own.avxvnni == cpu.avxvnni);
  CHECK(own.amx_int8 == cpu.amx_int8);
  CHECK(own.neon == cpu.neon);
  CHECK(own.neon_dot == cpu.neon_dot);
  CHECK(own.neon_i8mm == cpu.neon_i8mm);
}

}  // namespace
}  // namespace pbert::test
