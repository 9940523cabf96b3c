// Each folder's tests are an executable of their own; this one needs the model's fixture as well.
#include "tests/model/file_fixture.cc"
