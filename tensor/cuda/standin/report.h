// What goes wrong is a Fault: the driver's code for it and one line that names the place.
#pragma once
#include <cstdarg>
#include <cstdint>
#include <string>

namespace standin {
std::string format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

struct Fault {
    int code; // a CUresult
    std::string text;
};

// say prints one line to standard error and keeps it for standinLastMessage.
void say(const std::string &line);
const std::string &lastMessage();

// Settings come from environment variables STANDIN_NAME.
const char *setting(const char *name, const char *otherwise);
long number(const char *name, long otherwise);
} // namespace standin
