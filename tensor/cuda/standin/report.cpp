#include "report.h"
#include <cstdio>
#include <cstdlib>

namespace standin {
std::string format(const char *pattern, ...)
{
    va_list args, again;
    va_start(args, pattern);
    va_copy(again, args);
    std::string s(vsnprintf(nullptr, 0, pattern, args), '\0');
    vsnprintf(s.data(), s.size() + 1, pattern, again);
    va_end(args);
    va_end(again);
    return s;
}

static std::string last;

void say(const std::string &line)
{
    last = line;
    if (*setting("QUIET", "") == '\0')
        fprintf(stderr, "standin: %s\n", line.c_str());
}

const std::string &lastMessage() { return last; }

const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv((std::string("STANDIN_") + name).c_str());
    return value && *value ? value : otherwise;
}

long number(const char *name, long otherwise)
{
    const char *value = setting(name, "");
    return *value ? strtol(value, nullptr, 0) : otherwise;
}
} // namespace standin

extern "C" __attribute__((visibility("default"))) const char *standinLastMessage(void)
{ return standin::lastMessage().c_str(); }
