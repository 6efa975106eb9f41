// Names of error codes, taken from cuda.h when the stand-in is built.
#include "driver.h"
#include <cctype>

namespace {
struct Name {
    int code;
    const char *name;
};
const Name names[] = {
#include "errors.inc"
};
const char *nameOf(CUresult code)
{
    for (const Name &n : names)
        if (n.code == (int)code)
            return n.name;
    return nullptr;
}
} // namespace

EXPORT CUresult cuGetErrorName(CUresult code, const char **name)
{ return (*name = nameOf(code)) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE; }
EXPORT CUresult cuGetErrorString(CUresult code, const char **text)
{
    static std::map<int, std::string> texts;
    const char *name = nameOf(code);
    *text = nullptr;
    if (!name)
        return CUDA_ERROR_INVALID_VALUE;
    std::lock_guard<std::recursive_mutex> guard(standin::driver().lock);
    std::string &t = texts[(int)code];
    t = name;
    const size_t prefix = std::string("CUDA_ERROR_").size();
    t = t.size() > prefix ? t.substr(prefix)
                          : "no error"; // "out of memory" of CUDA_ERROR_OUT_OF_MEMORY
    for (char &c : t)
        c = c == '_' ? ' ' : (char)tolower(c);
    return *text = t.c_str(), CUDA_SUCCESS;
}
