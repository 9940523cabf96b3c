// The C++ interface in ten lines: open, make a session, ask. README quotes this file.
#include <cstdio>
#include <pocketbert/pocketbert.hpp>

int Fail(const pocketbert::Error& error) { return std::fprintf(stderr, "%s\n", error.message), 1; }

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto model = pocketbert::Model::Open(argv[1]);
  if (!model) return Fail(model.error());
  auto session = model->NewSession();
  if (!session) return Fail(session.error());
  auto answer = session->Classify(argv[2]);
  if (!answer) return Fail(answer.error());
  std::printf("%s %.3f\n", answer->rejected() ? "not understood" : answer->label(), answer->score());
}
