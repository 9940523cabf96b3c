// Something done in a child of fork().
#ifndef POCKETBERT_TESTS_SUPPORT_IN_CHILD_H_
#define POCKETBERT_TESTS_SUPPORT_IN_CHILD_H_

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pbert::test {

// What `function` returns (0 to 255) in a child of this process; -1 when the child had not come to its end after half a
// minute. doctest's macros are not for the child: its failures would be nobody's.
template <typename Function>
int InChild(Function function) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(30);  // ends the child, and so the parent's wait
    _exit(function());
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace pbert::test

#endif  // POCKETBERT_TESTS_SUPPORT_IN_CHILD_H_
