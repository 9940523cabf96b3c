// The model tests' tiny file, compiled into this executable too.
#include "tests/model/file_fixture.cc"
