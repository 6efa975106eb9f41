// Reads the text of PTX into a Module. Nothing here knows what an instruction does.
#include "module.h"
#include "report.h"
#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace standin {
std::string Type::name() const
{ return kind == 'p' ? "pred" : std::string(1, kind) + std::to_string(bits); }

bool parseType(const std::string &name, Type &t)
{
    static const std::map<std::string, Type> types = {
        {"b8", {'b', 8}},   {"b16", {'b', 16}}, {"b32", {'b', 32}}, {"b64", {'b', 64}},
        {"u8", {'u', 8}},   {"u16", {'u', 16}}, {"u32", {'u', 32}}, {"u64", {'u', 64}},
        {"s8", {'s', 8}},   {"s16", {'s', 16}}, {"s32", {'s', 32}}, {"s64", {'s', 64}},
        {"f16", {'f', 16}}, {"f32", {'f', 32}}, {"f64", {'f', 64}}, {"pred", {'p', 1}}};
    const auto found = types.find(name);
    if (found == types.end())
        return false;
    t = found->second;
    return true;
}

namespace {
const int invalidPTX = 218; // CUDA_ERROR_INVALID_PTX

bool wordCharacter(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '%'; }

class Parser {
  public:
    explicit Parser(const std::string &ptx) : text(ptx), module(std::make_shared<Module>())
    { advance(); }

    std::shared_ptr<Module> read()
    {
        while (!token.empty())
            topLevel();
        if (!module->version || !module->target)
            wrong("no .version or no .target: this is no PTX");
        return module;
    }

  private:
    const std::string &text;
    std::shared_ptr<Module> module;
    size_t at = 0, begin = 0, end = 0; // next character; extent of the token
    int line = 1;
    std::string token;
    int file = 0, sourceLine = 0;

    [[noreturn]] void wrong(const std::string &what)
    { throw Fault{invalidPTX, format("PTX line %d: %s", line, what.c_str())}; }

    void skipSpace()
    {
        while (at < text.size()) {
            if (text[at] == '\n')
                line++;
            if (isspace((unsigned char)text[at]) || text[at] == '\0')
                at++;
            else if (text.compare(at, 2, "//") == 0)
                while (at < text.size() && text[at] != '\n')
                    at++;
            else if (text.compare(at, 2, "/*") == 0) {
                const size_t stop = text.find("*/", at);
                for (; at < text.size() && at < stop + 2; at++)
                    line += text[at] == '\n';
            } else
                break;
        }
    }

    // advance reads the next token: a word with the dots in it, a quoted string, or one character.
    void advance()
    {
        end = at;
        skipSpace();
        begin = at;
        if (at >= text.size()) {
            token.clear();
            return;
        }
        if (text[at] == '"')
            at = text.find('"', at + 1) == std::string::npos ? text.size()
                                                             : text.find('"', at + 1) + 1;
        else if (wordCharacter(text[at]) || text[at] == '.')
            while (at < text.size() &&
                   (wordCharacter(text[at]) || text[at] == '.' || text.compare(at, 2, "::") == 0))
                at += text[at] == ':' ? 2 : 1;
        else
            at++;
        token = text.substr(begin, at - begin);
    }

    bool accept(const char *what)
    {
        if (token != what)
            return false;
        advance();
        return true;
    }

    void expect(const char *what)
    {
        if (!accept(what))
            wrong("found '" + token + "', expected '" + what + "'");
    }

    std::string take()
    {
        if (token.empty())
            wrong("the text ends too early");
        std::string t = token;
        advance();
        return t;
    }

    int64_t integer()
    {
        const bool negative = accept("-");
        const std::string t = take();
        if (t.empty() || !isdigit((unsigned char)t[0]))
            wrong("found '" + t + "', expected a number");
        const int64_t v = (int64_t)strtoull(t.c_str(), nullptr, 0);
        return negative ? -v : v;
    }

    void skipBraces()
    {
        int depth = 0;
        do {
            depth += token == "{" ? 1 : token == "}" ? -1 : 0;
            advance();
        } while (depth > 0 && !token.empty());
    }

    void topLevel()
    {
        if (accept(".version")) {
            const std::string v = take();
            module->version =
                atoi(v.c_str()) * 10 +
                (v.find('.') == std::string::npos ? 0 : atoi(v.c_str() + v.find('.') + 1));
        } else if (accept(".target")) {
            if (token.compare(0, 3, "sm_") == 0)
                module->target = atoi(token.c_str() + 3);
            advance();
            while (accept(","))
                advance();
        } else if (accept(".address_size")) {
            if (integer() != 64)
                wrong("expected .address_size 64");
        } else if (token == ".file") {
            advance();
            const int number = (int)integer();
            const std::string name = take();
            module->files[number] = name.substr(1, name.size() - 2);
            while (accept(","))
                advance();
        } else if (token == ".section") {
            advance();
            advance();
            skipBraces();
        } else if (token == ".visible" || token == ".extern" || token == ".weak" ||
                   token == ".common")
            advance();
        else if (token == ".entry" || token == ".func")
            function();
        else if (token == ".global" || token == ".const" || token == ".shared")
            module->variables.push_back(variable());
        else
            wrong("unknown directive '" + token + "'");
    }

    // variable reads ".shared .align 4 .b8 name[20] = {1, 2}", with or without its semicolon.
    Variable variable()
    {
        Variable v;
        v.space = take().substr(1);
        bool typed = false;
        int vector = 1;
        while (token[0] == '.') {
            const std::string word = take().substr(1);
            if (word == "align")
                v.align = (int)integer();
            else if (word == "v2" || word == "v4")
                vector = word[1] - '0';
            else if (word == "ptr" || word == "global" || word == "shared" || word == "const" ||
                     word == "local")
                continue; // an attribute of a pointer parameter
            else if (word == "attribute")
                while (take() != ")")
                    continue;
            else if (parseType(word, v.type))
                typed = true;
            else
                wrong("unknown type '" + word + "' of a variable");
        }
        if (!typed)
            wrong("a variable without a type");
        v.align = std::max(v.align, std::max(1, v.type.bytes()));
        v.count = vector;
        v.name = take();
        while (accept("[")) {
            if (token == "]")
                v.count = -1;
            else
                v.count *= integer();
            expect("]");
        }
        if (accept("="))
            initial(v);
        accept(";");
        return v;
    }

    void initial(Variable &v)
    {
        int depth = 0;
        do {
            if (accept("{"))
                depth++;
            else if (accept("}"))
                depth--;
            else if (!accept(","))
                v.init.push_back(literal());
        } while (depth > 0);
    }

    uint64_t literal()
    {
        if (token.size() > 2 && token[0] == '0' &&
            (token[1] == 'f' || token[1] == 'F' || token[1] == 'd' || token[1] == 'D')) {
            const uint64_t v = strtoull(token.c_str() + 2, nullptr, 16);
            advance();
            return v;
        }
        if (!isdigit((unsigned char)token[0]) && token[0] != '-')
            wrong("an initial value that is no number: " + token);
        return (uint64_t)integer();
    }

    std::vector<Variable> parameters()
    {
        std::vector<Variable> list;
        expect("(");
        while (!accept(")")) {
            if (token != ".param")
                wrong("found '" + token + "', expected .param");
            list.push_back(variable());
            accept(",");
        }
        return list;
    }

    void function()
    {
        Function f;
        f.entry = take() == ".entry";
        f.line = line;
        if (token == "(")
            f.results = parameters();
        f.name = take();
        if (token == "(")
            f.params = parameters();
        while (token[0] == '.') {
            const std::string directive = take();
            if (directive == ".maxntid" || directive == ".reqntid") {
                unsigned *n = directive == ".maxntid" ? f.maxThreads : f.needThreads;
                n[0] = n[1] = n[2] = 1;
                int i = 0;
                do
                    n[i++] = (unsigned)integer();
                while (i < 3 && accept(","));
            } else if (directive == ".minnctapersm" || directive == ".maxnreg" ||
                       directive == ".maxnctapersm")
                integer();
            else if (directive == ".pragma")
                advance();
            else if (directive != ".noreturn")
                wrong("unknown directive '" + directive + "' of a function");
            if (directive == ".pragma")
                accept(";");
        }
        if (!accept(";")) {
            f.body = true;
            body(f);
        }
        Function &known = module->functions[f.name];
        if (!known.body)
            known = std::move(f);
        else if (f.body)
            wrong("function " + f.name + " is defined twice");
    }

    void body(Function &f)
    {
        expect("{");
        file = sourceLine = 0;
        for (int depth = 1; depth > 0;) {
            Statement s;
            s.line = line;
            s.file = file;
            s.at = sourceLine;
            if (token.empty())
                wrong("the end of the text in function " + f.name);
            if (accept("{")) {
                depth++;
                s.kind = Statement::Open;
            } else if (accept("}")) {
                if (--depth == 0)
                    return;
                s.kind = Statement::Close;
            } else if (token[0] == '.') {
                if (!directive(s))
                    continue;
            } else if (accept(";"))
                continue;
            else
                instruction(s);
            f.statements.push_back(std::move(s));
        }
    }

    // directive returns false if it declares nothing.
    bool directive(Statement &s)
    {
        if (accept(".loc")) {
            file = (int)integer();
            sourceLine = (int)integer();
            integer();
            if (accept(",")) // function_name label, inlined_at file line column
                while (token != ";" &&
                       (token == "," || token == "function_name" || token == "inlined_at" ||
                        token == "+" || isdigit((unsigned char)token[0]) ||
                        token.compare(0, 5, "$L__i") == 0))
                    advance();
            return false;
        }
        if (accept(".pragma")) {
            while (take() != ";")
                continue;
            return false;
        }
        if (token == ".shared" || token == ".local" || token == ".param") {
            s.kind = Statement::Memory;
            s.variable = variable();
            return true;
        }
        if (accept(".reg")) {
            s.kind = Statement::Registers;
            if (!parseType(take().substr(1), s.type))
                wrong("a register of an unknown type");
            s.name = take();
            if (accept("<")) {
                s.family = (int)integer();
                expect(">");
            }
            while (accept(",")) // further single registers share the name list
                s.args.push_back(take());
            expect(";");
            return true;
        }
        wrong("unknown directive '" + token + "'");
    }

    void instruction(Statement &s)
    {
        const size_t from = begin;
        if (accept("@")) {
            s.guardNegated = accept("!");
            s.guard = take();
        }
        const std::string word = take();
        if (s.guard.empty() && accept(":")) {
            if (accept(".branchtargets")) {
                s.kind = Statement::Targets;
                do
                    s.args.push_back(take());
                while (accept(","));
                expect(";");
            } else
                s.kind = Statement::Label;
            s.name = word;
            return;
        }
        for (size_t i = 0, dot; i <= word.size(); i = dot + 1) {
            dot = std::min(word.find('.', i), word.size());
            s.op.push_back(word.substr(i, dot - i));
        }
        std::string operand;
        int depth = 0;
        while (token != ";" || depth > 0) {
            if (token.empty() || (token == "}" && depth == 0))
                wrong("no semicolon behind " + word);
            if (token == "," && depth == 0) {
                s.args.push_back(operand);
                operand.clear();
            } else {
                depth += token == "[" || token == "{" || token == "(";
                depth -= token == "]" || token == "}" || token == ")";
                operand += token;
            }
            advance();
        }
        if (!operand.empty())
            s.args.push_back(operand);
        for (size_t i = from; i < begin + 1;
             i++) { // the text as it stands, white space made single
            const char c = isspace((unsigned char)text[i]) ? ' ' : text[i];
            if (c != ' ' || (!s.text.empty() && s.text.back() != ' '))
                s.text += c;
        }
        if (!s.text.empty() && s.text.back() == ' ')
            s.text.pop_back();
        expect(";");
    }
};
} // namespace

std::shared_ptr<Module> parse(const std::string &ptx) { return Parser(ptx).read(); }
} // namespace standin
