// Turns the statements of an entry into instructions, once, so that running them does no work on
// text.
#pragma once
#include "warp.h"

namespace standin {
// addresses holds the device addresses of the module's variables. decode throws a Fault that names
// the line of what it does not know. Functions are put in place of their calls.
std::shared_ptr<Kernel> decode(std::shared_ptr<Module> module, const Function &entry,
                               const std::map<std::string, uint64_t> &addresses);
} // namespace standin
