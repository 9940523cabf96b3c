// Labels that a session learns: hand-made states, so that distances can be reckoned.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/port_file.h"
#include "tests/tasks/feature_fixture.h"

namespace pbert::test {
namespace {

namespace fs = std::filesystem;

// "hello" texts project to the first axis, "world" texts to the second.
TinyFile LearningFile() {
  TinyFile file = PatternFile({{kHello, 2}, {kWorld, 4}});
  SetFeatureHead(&file, schema::TensorType::F32);
  for (const char* name : {"head.features.weight", "head.features.bias", "head.other.weight", "head.other.bias",
                           "head.projection.weight", "head.projection.bias", "head.means"}) {
    Fill(&file, name, 0);
  }
  SetRow(&file, "head.features.weight", 0, 1, 2, 9);
  SetRow(&file, "head.projection.weight", 0, 1, 2, 9);
  SetRow(&file, "head.projection.weight", 1, 1, 4, 9);
  file.values("head.means")[0] = 9 / std::sqrt(40.0f);  // where "hello" lies: of three tokens two have pattern 1
  file.model.heads[0]->rejection->logits_of_distance = 0.5f;
  file.model.heads[0]->rejection->out_of_scope = nullptr;
  return file;
}

pbert_status Learn(pbert_session* session, std::string_view name, const std::vector<std::string_view>& sentences,
                   pbert_learned* learned = nullptr) {
  std::vector<pbert_text> texts;
  for (const std::string_view text : sentences) texts.push_back({text.data(), text.size()});
  return pbert_learn(session, name.data(), name.size(), texts.data(), static_cast<uint32_t>(texts.size()), learned);
}

std::string TopLabel(pbert_session* session, const std::string& text) {
  return pbert_session_label(session, Asked(session, text).labels[0].label);
}

// A file in a folder of the test's own, which goes with it.
class LearnedFile {
 public:
  LearnedFile() : folder_(fs::temp_directory_path() / ("learned_test." + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~LearnedFile() { fs::remove_all(folder_); }
  std::string path() const { return (folder_ / "learned.pbll").string(); }
  std::string Bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  void Write(const std::string& bytes) const { std::ofstream(path(), std::ios::binary) << bytes; }

 private:
  fs::path folder_;
};

TEST_CASE("a label is learned, told apart, learned again and forgotten") {
  const TaskSession session(LearningFile());
  CHECK(Asked(session, "hello").count == 3);
  pbert_learned learned = PBERT_LEARNED;
  REQUIRE(Learn(session, "earth", {"world", "world world"}, &learned) == PBERT_OK);
  CHECK(learned.label == 3);
  CHECK(std::string(pbert_session_label(session, 3)) == "earth");
  CHECK(pbert_session_label(session, 4) == nullptr);

  const pbert_classification world = Asked(session, "world");
  CHECK(world.count == 4);
  CHECK(world.labels[0].label == 3);
  const float logit = world.logits[3];
  CHECK(TopLabel(session, "hello") != "earth");
  // "world" lies at 9 / sqrt(8 * 5) on the second axis, "world world" at 2 * 9 / sqrt(8 * 8): their mean was learned.
  const double x = 9 / std::sqrt(40.0), mean = (x + 18 / 8.0) / 2;
  // All logits of the file are 0, the first label's is the best, whose mean is as far away on the first axis.
  const double expected = 0.5 * (x * x + x * x - (x - mean) * (x - mean));
  CHECK(logit == doctest::Approx(expected).epsilon(0.02));

  REQUIRE(Learn(session, "earth", {"world"}, &learned) == PBERT_OK);
  CHECK(learned.label == 3);
  CHECK(Asked(session, "world").logits[3] == doctest::Approx(x * x).epsilon(0.02));
  REQUIRE(pbert_forget(session, "earth", 5) == PBERT_OK);
  CHECK(Asked(session, "world").count == 3);
  CHECK(pbert_forget(session, "earth", 5) == PBERT_INVALID_ARGUMENT);
}

TEST_CASE("sentences that another label claims are named") {
  const TaskSession session(LearningFile());
  REQUIRE(Learn(session, "earth", {"world"}) == PBERT_OK);
  pbert_learned learned = PBERT_LEARNED;
  REQUIRE(Learn(session, "planet", {"hello", "world"}, &learned) == PBERT_OK);
  CHECK(learned.label == 4);
  bool named = false;
  for (uint32_t i = 0; i < learned.overlap_count; ++i) {
    named = named || (learned.overlaps[i].sentence == 1 && learned.overlaps[i].label == 3);
  }
  CHECK(named);
}

TEST_CASE("what cannot be learned is refused, and changes nothing") {
  const TaskSession session(LearningFile());
  CHECK(Learn(session, "", {"world"}) == PBERT_INVALID_ARGUMENT);
  CHECK(Learn(session, std::string(128, 'x'), {"world"}) == PBERT_INVALID_ARGUMENT);
  CHECK(Learn(session, "\xff", {"world"}) == PBERT_INVALID_ARGUMENT);
  CHECK(Learn(session, LearningFile().model.heads[0]->labels[1], {"world"}) == PBERT_INVALID_ARGUMENT);
  CHECK(Learn(session, "earth", {}) == PBERT_INVALID_ARGUMENT);
  CHECK(Learn(session, "earth", std::vector<std::string_view>(65, "world")) == PBERT_INVALID_ARGUMENT);
  CHECK(pbert_learn(nullptr, "a", 1, nullptr, 1, nullptr) == PBERT_INVALID_ARGUMENT);
  CHECK(Asked(session, "world").count == 3);

  const TaskSession other(TinyTextFile(schema::TensorType::F32));
  CHECK(Learn(other, "earth", {"world"}) == PBERT_UNSUPPORTED);
  CHECK(std::string(pbert_error()).find("pocketbert build") != std::string::npos);
}

TEST_CASE("a session has room for as many as it was made for") {
  const OpenModel model(LearningFile());
  pbert_session_options options = PBERT_SESSION_OPTIONS;
  options.learned = 2;
  pbert_session* const session = NewSession(model, options);
  CHECK(Learn(session, "one", {"world"}) == PBERT_OK);
  CHECK(Learn(session, "two", {"world hello"}) == PBERT_OK);
  CHECK(Learn(session, "three", {"hello"}) == PBERT_NO_MEMORY);
  CHECK(Learn(session, "one", {"hello"}) == PBERT_OK);
  pbert_session_destroy(session);
}

TEST_CASE("what was learned is kept in a file, for this model alone") {
  const LearnedFile file;
  const TinyFile model = LearningFile();
  const TaskSession session(model);
  REQUIRE(Learn(session, "earth", {"world"}) == PBERT_OK);
  REQUIRE(pbert_save_learned(session, file.path().c_str()) == PBERT_OK);
  CHECK(file.Bytes().size() < 16384);
  const TaskSession again(model);
  REQUIRE(pbert_load_learned(again, file.path().c_str()) == PBERT_OK);
  CHECK(TopLabel(again, "world") == "earth");
  CHECK(Asked(again, "world").logits[3] == Asked(session, "world").logits[3]);

  TinyFile changed = LearningFile();
  changed.values("head.features.bias")[0] = 1;
  const TaskSession other(changed);
  CHECK(pbert_load_learned(other, file.path().c_str()) == PBERT_BAD_FILE);
  CHECK(std::string(pbert_error()).find("another model") != std::string::npos);
  CHECK(pbert_load_learned(session, (file.path() + ".none").c_str()) == PBERT_IO);
  CHECK(pbert_save_learned(session, "/no/such/folder/learned") == PBERT_IO);

  // Any byte that is changed, and any length that is cut, is seen; what was there before stays.
  const std::string whole = file.Bytes();
  for (size_t i = 0; i < whole.size(); i += i < 64 ? 1 : 7) {
    if (i >= 40 && i < 64) continue;  // reserved words
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x5A);
    file.Write(damaged);
    const pbert_status status = pbert_load_learned(again, file.path().c_str());
    CHECK((status == PBERT_BAD_FILE || status == PBERT_NO_MEMORY));
    file.Write(whole.substr(0, i));
    CHECK(pbert_load_learned(again, file.path().c_str()) != PBERT_OK);
  }
  CHECK(TopLabel(again, "world") == "earth");
}

// A process that is killed while it saves in a loop leaves one of the two files that it writes in turn, whole.
TEST_CASE("a process killed at any moment leaves the old file or the new one") {
  const LearnedFile file;
  const TinyFile model = LearningFile();
  const TaskSession session(model);
  const auto save = [&](bool both) {
    if (both) {
      Learn(session, "two", {"hello hello"});
    } else {
      pbert_forget(session, "two", 3);
    }
    return pbert_save_learned(session, file.path().c_str());
  };
  REQUIRE(Learn(session, "earth", {"world"}) == PBERT_OK);
  REQUIRE(save(false) == PBERT_OK);
  for (int round = 0; round < 25; ++round) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (bool both = true;; both = !both) save(both);
    }
    usleep(static_cast<useconds_t>(300 + 997 * round % 5000));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    const TaskSession again(model);
    const pbert_status loaded = pbert_load_learned(again, file.path().c_str());
    INFO(pbert_error());
    REQUIRE(loaded == PBERT_OK);
    CHECK(std::string(pbert_session_label(again, 3)) == "earth");
  }
}

}  // namespace
}  // namespace pbert::test
