// A PTX module as it is written: variables, functions, and their statements in order.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace standin {
struct Type {
    char kind = 'b'; // b, u, s, f, p (a predicate)
    int bits = 32;
    int bytes() const { return bits / 8; }
    std::string name() const;
};
bool parseType(const std::string &name, Type &t); // "f32"

// A variable in a state space: an array of bytes, initialised or not.
struct Variable {
    std::string name, space; // "global", "const", "shared", "local", "param"
    Type type;
    int64_t count = 1; // of elements; -1: the dynamic shared memory of a launch
    int align = 1;
    std::vector<uint64_t> init;
    size_t bytes() const { return count < 0 ? 0 : (size_t)count * type.bytes(); }
};

struct Statement {
    enum Kind { Op, Label, Registers, Memory, Open, Close, Targets } kind = Op;
    int line = 0;         // in the PTX
    int file = 0, at = 0; // in the CUDA source, if the PTX says so
    std::string text;     // of an Op, for messages

    std::string guard; // register of "@%p", or empty
    bool guardNegated = false;
    std::vector<std::string> op;   // "add", "rn", "f32"
    std::vector<std::string> args; // operands; of Targets, labels
    std::string name;              // of a label, of a register or of a family of registers
    Type type;                     // of registers
    int family = 0;                // "%r<9>" declares 9; 0: the name as it stands
    Variable variable;             // of Memory
};

struct Function {
    std::string name;
    bool entry = false, body = false;
    std::vector<Variable> params, results;
    std::vector<Statement> statements;
    unsigned maxThreads[3] = {0, 0, 0};  // .maxntid; 0: not given
    unsigned needThreads[3] = {0, 0, 0}; // .reqntid
    int line = 0;
};

struct Module {
    int version = 0, target = 0; // 78, 70
    std::map<int, std::string> files;
    std::vector<Variable> variables;
    std::map<std::string, Function> functions;
};

// parse reads PTX. It throws a Fault that names the line of what it does not understand.
std::shared_ptr<Module> parse(const std::string &ptx);
} // namespace standin
