// Nothing. CMake precompiles the headers of a target only where a file of its own uses them, which main.cc cannot: it asks doctest.h
// for more than declarations.
