#include "decode.h"
#include "memory.h"
#include "table.h"
#include <algorithm>
#include <cfenv>
#include <cstdlib>
#include <set>

namespace standin {
const Table &instructions()
{
    static const Table table = [] {
        Table t;
        addFloats(t);
        addIntegers(t);
        addComparisons(t);
        addConversions(t);
        addMoves(t);
        addAtomics(t);
        addWarpWide(t);
        addControl(t);
        return t;
    }();
    return table;
}

namespace {
// Names that no module has asked for yet: what a test has left out.
std::set<std::string> &unused()
{
    static std::set<std::string> names = [] {
        std::set<std::string> all;
        for (const auto &i : instructions())
            all.insert(i.first);
        return all;
    }();
    return names;
}

const int invalidPTX = 218; // CUDA_ERROR_INVALID_PTX
const uint32_t behindRegisters =
    1u << 31; // marks the offset of a constant until all registers are known

struct Register {
    uint32_t at = 0;
    Type type;
};
struct Place { // a variable as an operand sees it
    Space space = Space::Global;
    uint64_t address = 0;
};
// Names are looked up in the innermost scope first.
struct Scope {
    std::map<std::string, Register> registers;
    std::map<std::string, std::pair<Type, int>> families; // "%r" of "%r<9>"
    std::map<std::string, Place> places;
};

size_t aligned(size_t n, size_t to) { return (n + to - 1) / to * to; }

class Decoder {
  public:
    Decoder(std::shared_ptr<Module> m, const Function &f,
            const std::map<std::string, uint64_t> &addresses)
        : module(m), entry(f), globals(addresses), kernel(std::make_shared<Kernel>())
    {
    }

    std::shared_ptr<Kernel> decode()
    {
        Kernel &k = *kernel;
        k.name = entry.name;
        k.module = module;
        scopes.emplace_back();
        for (const Variable &p : entry.params) {
            k.params.push_back(p);
            k.paramBytes = aligned(k.paramBytes, p.align);
            k.paramAt.push_back(k.paramBytes);
            scopes[0].places[p.name] = {Space::Param, k.paramBytes};
            k.paramBytes += p.bytes();
        }
        if (entry.maxThreads[0]) {
            k.hasMaxThreads = true;
            k.maxThreads = {entry.maxThreads[0], entry.maxThreads[1], entry.maxThreads[2]};
        }
        if (entry.needThreads[0])
            k.needThreads = {entry.needThreads[0], entry.needThreads[1], entry.needThreads[2]};
        else
            k.needThreads = {0, 0, 0};
        for (const auto &g : globals)
            scopes[0].places[g.first] = {Space::Global, g.second};
        layOutShared();
        emit("meet");
        body(entry);
        emit("ret");
        finish();
        return kernel;
    }

  private:
    std::shared_ptr<Module> module;
    const Function &entry;
    const std::map<std::string, uint64_t> &globals;
    std::shared_ptr<Kernel> kernel;
    std::vector<Scope> scopes;
    uint32_t registerEnd = 256, constantEnd = 0;        // the first register is nobody's
    std::map<std::pair<uint64_t, int>, uint32_t> known; // constants by value and bytes
    std::map<std::pair<Special, int>, uint32_t> knownSpecials;
    std::map<std::string, int> labels; // "3:$L_1": of the third function put in place
    std::map<std::string, std::vector<std::string>> tables; // of brx.idx
    std::vector<std::pair<int, std::string>> jumps;
    std::vector<std::string> calling; // functions being put in place, to find recursion
    int instances = 0, instance = 0;
    uint32_t carry = 0;
    const Statement *now = nullptr;
    std::string returnLabel; // where ret of a function goes

    [[noreturn]] void wrong(const std::string &what)
    {
        throw Fault{invalidPTX, format("kernel %s, PTX line %d: %s; %s", entry.name.c_str(),
                                       now ? now->line : entry.line, what.c_str(),
                                       now ? now->text.c_str() : "")};
    }

    Run find(const std::string &name)
    {
        const auto &t = instructions();
        const auto i = t.find(name);
        if (i == t.end())
            wrong("the stand-in does not know " + name);
        unused().erase(name);
        return i->second;
    }

    // Registers and constants.
    uint32_t newRegister(int bits)
    {
        const uint32_t at = registerEnd;
        registerEnd += bits == 1 ? 64 : lanes * std::max(2, bits / 8);
        return at;
    }
    uint32_t constant(uint64_t value, int bytes)
    {
        if (bytes && bytes < 8)
            value &= (1ull << bytes * 8) - 1;
        auto [i, fresh] = known.insert({{value, bytes}, constantEnd | behindRegisters});
        if (fresh) {
            kernel->constants.push_back({constantEnd, bytes, value});
            constantEnd += bytes ? std::max(lanes * bytes, 64) : 64;
        }
        return i->second;
    }
    uint32_t special(Special s, int bytes)
    {
        auto [i, fresh] = knownSpecials.insert({{s, bytes}, constantEnd | behindRegisters});
        if (fresh) {
            kernel->specials.push_back({constantEnd, s, bytes});
            constantEnd += lanes * bytes;
        }
        return i->second;
    }

    const Register *findRegister(const std::string &name)
    {
        for (size_t s = scopes.size(); s-- > 0;) {
            const auto r = scopes[s].registers.find(name);
            if (r != scopes[s].registers.end())
                return &r->second;
            const size_t digits = name.find_last_not_of("0123456789") + 1;
            const auto f = digits < name.size() ? scopes[s].families.find(name.substr(0, digits))
                                                : scopes[s].families.end();
            if (f != scopes[s].families.end() && atoi(name.c_str() + digits) < f->second.second) {
                const Type t = f->second.first;
                return &(scopes[s].registers[name] = Register{newRegister(t.bits), t});
            }
        }
        return nullptr;
    }
    const Place *findPlace(const std::string &name)
    {
        for (size_t s = scopes.size(); s-- > 0;) {
            const auto p = scopes[s].places.find(name);
            if (p != scopes[s].places.end())
                return &p->second;
        }
        return nullptr;
    }

    uint32_t result(const std::string &name, int bits)
    {
        if (name == "_")
            return 0;
        const Register *r = findRegister(name);
        if (!r)
            wrong("unknown register " + name);
        if (r->type.bits != bits)
            wrong(format("register %s has %d bits, expected %d", name.c_str(), r->type.bits, bits));
        return r->at;
    }

    static bool specialNamed(const std::string &name, Special &s)
    {
        static const std::map<std::string, Special> specials = {
            {"%tid.x", Special::TidX},
            {"%tid.y", Special::TidY},
            {"%tid.z", Special::TidZ},
            {"%ntid.x", Special::NtidX},
            {"%ntid.y", Special::NtidY},
            {"%ntid.z", Special::NtidZ},
            {"%ctaid.x", Special::CtaX},
            {"%ctaid.y", Special::CtaY},
            {"%ctaid.z", Special::CtaZ},
            {"%nctaid.x", Special::NctaX},
            {"%nctaid.y", Special::NctaY},
            {"%nctaid.z", Special::NctaZ},
            {"%laneid", Special::Lane},
            {"%warpid", Special::WarpId},
            {"%nwarpid", Special::WarpCount},
            {"%lanemask_eq", Special::LaneEq},
            {"%lanemask_lt", Special::LaneLt},
            {"%lanemask_le", Special::LaneLe},
            {"%lanemask_gt", Special::LaneGt},
            {"%lanemask_ge", Special::LaneGe},
            {"%smid", Special::Zero},
            {"%gridid", Special::Zero},
            {"%clock", Special::Clock},
            {"%clock64", Special::Clock},
            {"%clock_hi", Special::Zero},
            {"%globaltimer", Special::Clock},
            {"%dynamic_smem_size", Special::DynamicShared}};
        const auto i = specials.find(name);
        if (i == specials.end())
            return false;
        s = i->second;
        return true;
    }

    uint32_t source(const std::string &text, Type t)
    {
        if (text.empty())
            wrong("an operand is missing");
        if (const Register *r = findRegister(text)) {
            if (r->type.bits != t.bits)
                wrong(format("register %s has %d bits, expected %d", text.c_str(), r->type.bits,
                             t.bits));
            return r->at;
        }
        Special s;
        if (specialNamed(text, s))
            return special(s, t.bytes());
        if (const Place *p = findPlace(text))
            return constant(p->address, t.bytes());
        const size_t plus = text.find('+', 1);
        if (plus != std::string::npos)
            if (const Place *p = findPlace(text.substr(0, plus)))
                return constant(p->address + strtoull(text.c_str() + plus + 1, nullptr, 0),
                                t.bytes());
        return constant(literal(text, t), t.kind == 'p' ? 0 : t.bytes());
    }

    uint64_t literal(const std::string &text, Type t)
    {
        if (text == "WARP_SZ")
            return lanes;
        const bool negative = text[0] == '-';
        const std::string digits = text.substr(negative);
        if (digits.empty() || !isdigit((unsigned char)digits[0]))
            wrong("unknown operand " + text);
        uint64_t v;
        const char prefix = digits.size() > 2 && digits[0] == '0' ? (char)tolower(digits[1]) : '\0';
        const bool decimal = prefix != 'x' && digits.find('.') != std::string::npos;
        if (prefix == 'f' || prefix == 'd' || decimal) {
            double x;
            v = strtoull(digits.c_str() + 2, nullptr, 16);
            if (prefix == 'f') {
                float narrow;
                const uint32_t u = (uint32_t)v;
                memcpy(&narrow, &u, 4);
                if (t.bits == 32)
                    return negative ? u ^ 0x80000000u : u;
                x = narrow;
            } else if (prefix == 'd')
                memcpy(&x, &v, 8);
            else
                x = strtod(digits.c_str(), nullptr);
            x = negative ? -x : x;
            if (t.bits == 32) {
                const float narrow = (float)x;
                uint32_t u;
                memcpy(&u, &narrow, 4);
                return u;
            }
            memcpy(&v, &x, 8);
            return v;
        }
        v = strtoull(digits.c_str(), nullptr, 0);
        if (t.kind == 'p')
            return v ? everyLane : 0;
        return negative ? -v : v;
    }

    // predicate returns the register of "%p" or, through a new one, of "!%p".
    uint32_t predicate(const std::string &text)
    {
        if (text[0] != '!')
            return source(text, {'p', 1});
        Instruction n;
        n.a = n.b = source(text.substr(1), {'p', 1});
        n.d = newRegister(1);
        n.run = find("not.pred");
        n.statement = now;
        kernel->code.push_back(n);
        return n.d;
    }

    // Code.
    Instruction &emit(const std::string &name)
    {
        Instruction i;
        i.run = find(name);
        i.statement = now;
        kernel->code.push_back(i);
        return kernel->code.back();
    }
    void guard(Instruction &i, const Statement &s, bool byItself = false)
    {
        if (s.guard.empty())
            return;
        i.guard = source(s.guard, {'p', 1});
        i.guardNegated = s.guardNegated;
        i.hasGuard = true;
        if (!byItself) {
            i.guarded = i.run;
            i.run = runGuarded;
        }
    }
    void label(const std::string &name)
    {
        labels[name] = (int)kernel->code.size();
        emit("meet");
    }
    std::string localLabel(const std::string &name)
    { return std::to_string(instance) + ":" + name; }
    void jump(const std::string &to) { jumps.push_back({(int)kernel->code.size() - 1, to}); }

    // around lets the lanes whose guard does not hold pass by an instruction that waits for others.
    std::string around(const Statement &s)
    {
        if (s.guard.empty())
            return "";
        const std::string over = format("%d:around:%zu", instance, kernel->code.size());
        Instruction &i = emit("bra");
        guard(i, s, true);
        i.guardNegated = !i.guardNegated;
        jump(over);
        emit("meet");
        return over;
    }

    void body(const Function &f)
    {
        for (const Statement &s : f.statements) {
            now = &s;
            switch (s.kind) {
            case Statement::Open: scopes.emplace_back(); break;
            case Statement::Close: scopes.pop_back(); break;
            case Statement::Label: label(localLabel(s.name)); break;
            case Statement::Targets: tables[localLabel(s.name)] = s.args; break;
            case Statement::Registers: declare(s); break;
            case Statement::Memory:
                if (s.variable.space == "shared")
                    break; // known before
                kernel->localBytes = aligned(kernel->localBytes, s.variable.align);
                scopes.back().places[s.variable.name] = {Space::Local, kernel->localBytes};
                kernel->localBytes = aligned(kernel->localBytes + s.variable.bytes(), 8);
                break;
            case Statement::Op: operation(s); break;
            }
        }
        now = nullptr;
    }

    void declare(const Statement &s)
    {
        std::vector<std::string> names = s.args;
        names.push_back(s.name);
        for (const std::string &name : names)
            if (s.family)
                scopes.back().families[name] = {s.type, s.family};
            else
                scopes.back().registers[name] = {newRegister(s.type.bits), s.type};
    }

    void layOutShared()
    {
        std::vector<const Variable *> list;
        std::set<std::string> used; // words in operands of all functions
        for (const auto &f : module->functions)
            for (const Statement &s : f.second.statements) {
                if (s.kind == Statement::Memory && s.variable.space == "shared" &&
                    f.first == entry.name)
                    list.push_back(&s.variable);
                for (const std::string &a : s.args)
                    for (size_t b = 0, e; b < a.size(); b = e + 1) {
                        e = std::min(a.find_first_of("[]+{},()", b), a.size());
                        used.insert(a.substr(b, e - b));
                    }
            }
        for (const Variable &v : module->variables)
            if (v.space == "shared" && used.count(v.name))
                list.push_back(&v);
        size_t end = 0;
        for (const Variable *v : list)
            if (v->count >= 0) {
                end = aligned(end, std::max(16, v->align));
                scopes[0].places[v->name] = {Space::Shared, end};
                kernel->shared.push_back({v->name, end, v->bytes()});
                kernel->staticShared = aligned(kernel->staticShared, v->align) + v->bytes();
                end += v->bytes() + 64; // a gap, so that a step behind the end hits nothing
            }
        kernel->dynamicAt = aligned(end, 128);
        for (const Variable *v : list)
            if (v->count < 0) {
                kernel->dynamicShared = true;
                scopes[0].places[v->name] = {Space::Shared, kernel->dynamicAt};
            }
    }

    void operation(const Statement &s)
    {
        const std::string &op = s.op[0];
        if (op == "ld" || op == "ldu" || op == "st")
            memory(s);
        else if (op == "atom" || op == "red")
            atomic(s);
        else if (op == "cvt")
            conversion(s);
        else if (op == "cvta")
            toAddress(s);
        else if (op == "mov")
            move(s);
        else if (op == "bra") {
            guard(emit("bra"), s, true);
            jump(localLabel(s.args.at(0)));
            if (!s.guard.empty())
                emit("meet");
        } else if (op == "brx") {
            Instruction &i = emit("brx");
            i.a = source(s.args.at(0), {'u', 32});
            guard(i, s, true);
            jump(localLabel(s.args.at(1)));
            emit("meet");
        } else if (op == "ret" || op == "exit") {
            const bool inside = op == "ret" && !returnLabel.empty();
            guard(emit(inside ? "bra" : "ret"), s, true);
            if (inside)
                jump(returnLabel);
            if (!s.guard.empty())
                emit("meet");
        } else if (op == "trap" || op == "brkpt")
            guard(emit("trap"), s, true);
        else if (op == "call")
            call(s);
        else if (op == "bar" || op == "barrier")
            barrier(s);
        else if (op == "shfl" || op == "vote" || op == "match")
            warpWide(s);
        else if (op == "activemask") {
            Instruction &i = emit("activemask");
            i.d = result(s.args.at(0), 32);
            guard(i, s);
        } else if (op == "membar" || op == "fence" || op == "prefetch" || op == "prefetchu" ||
                   op == "nanosleep" || op == "discard" || op == "applypriority")
            emit("nothing");
        else
            arithmetic(s);
    }

    static int roundingNamed(const std::string &m)
    {
        const char c = m.size() > 1 ? m[1] : '\0';
        return c == 'z'   ? FE_TOWARDZERO
               : c == 'm' ? FE_DOWNWARD
               : c == 'p' ? FE_UPWARD
                          : FE_TONEAREST;
    }
    static bool isRounding(const std::string &m)
    {
        return (m.size() == 2 || (m.size() == 3 && m[2] == 'i')) && m[0] == 'r' &&
               std::string("nzmp").find(m[1]) != std::string::npos;
    }

    void modes(Instruction &i, int rounding, bool flush, bool saturate, Type t)
    {
        if (saturate) {
            i.saturated = i.run;
            i.run = t.bits == 64 ? runSaturated<double> : runSaturated<float>;
        }
        if (rounding != FE_TONEAREST || flush) {
            i.inMode = i.run;
            i.run = runInMode;
            i.rounding = rounding;
            i.flush = flush;
        }
    }

    // arithmetic decodes everything whose operands are registers in a fixed order.
    void arithmetic(const Statement &s)
    {
        static const std::set<std::string> dropped = {"approx", "full", "uni", "xorsign"};
        const std::string &op = s.op[0];
        std::string name = op;
        std::vector<Type> types;
        int rounding = FE_TONEAREST;
        bool flush = false, saturate = false, approximate = false;
        Compare join = Compare::None;
        for (size_t k = 1; k < s.op.size(); k++) {
            const std::string &m = s.op[k];
            Type t;
            if (parseType(m, t)) {
                types.push_back(t);
                name += "." + m;
            } else if (isRounding(m))
                rounding = roundingNamed(m);
            else if (m == "ftz")
                flush = true;
            else if (m == "sat")
                saturate = true;
            else if ((op == "setp" || op == "set") && (m == "and" || m == "or" || m == "xor"))
                join = m == "and" ? Compare::And : m == "or" ? Compare::Or : Compare::Xor;
            else if (dropped.count(m))
                approximate |= m == "approx";
            else
                name += "." + m;
        }
        if (types.empty())
            wrong("the stand-in does not know " + op);
        const Type t = types[0];
        if (saturate && t.kind != 'f')
            name = op + ".sat." + t.name();
        if (approximate && flush && t.bits == 64) {
            name = op + ".coarse.f64";
            flush = false;
        }
        const Type b32{'b', 32};
        const bool wide = name.find(".wide") != std::string::npos;
        const Type twice{t.kind, t.bits * 2};
        Type d = t, a = t, b = t, c = t, e = b32;
        if (op == "shl" || op == "shr" || op == "shf")
            (op == "shf" ? c : b) = b32;
        else if (op == "bfe")
            b = c = b32;
        else if (op == "bfi")
            c = b32;
        else if (op == "popc" || op == "clz" || op == "bfind")
            d = b32;
        else if (wide)
            d = c = twice;
        else if (op == "setp" || op == "testp")
            d = c = {'p', 1};
        else if (op == "selp")
            c = {'p', 1};
        else if (op == "set") {
            if (types.size() < 2)
                wrong("set without two types");
            a = b = types[1], c = {'p', 1};
        } else if (op == "slct") {
            if (types.size() < 2)
                wrong("slct without two types");
            c = types[1];
        }

        Instruction i;
        i.run = find(name);
        i.statement = now;
        std::string first = s.args.empty() ? "" : s.args[0];
        const size_t bar = first.find('|');
        if (bar != std::string::npos) {
            i.hasD2 = true;
            i.d2 = result(first.substr(bar + 1), 1);
            first = first.substr(0, bar);
        }
        i.hasD = first != "_";
        i.d = result(first, d.bits);
        auto operand = [&](size_t k, Type type) {
            return type.kind == 'p' ? predicate(s.args[k]) : source(s.args[k], type);
        };
        if (s.args.size() > 1)
            i.a = operand(1, a);
        if (s.args.size() > 2)
            i.b = operand(2, b);
        if (s.args.size() > 3)
            i.c = operand(3, c);
        if (join != Compare::None && s.args.size() != 4)
            wrong("a comparison that joins needs a predicate");
        i.join = join;
        if (s.args.size() > 4) {
            if (op == "lop3")
                i.immediate = (int64_t)literal(s.args[4], b32);
            else
                i.e = operand(4, e);
        }
        if (name.find(".cc.") != std::string::npos || op == "addc" || op == "subc" ||
            op == "madc") {
            if (!carry)
                carry = newRegister(1);
            i.e = carry;
        }
        modes(i, rounding, flush, saturate && t.kind == 'f', t);
        kernel->code.push_back(i);
        guard(kernel->code.back(), s);
    }

    void conversion(const Statement &s)
    {
        std::vector<Type> types;
        int rounding = FE_TONEAREST;
        bool flush = false, saturate = false, integral = false, rounded = false;
        for (size_t k = 1; k < s.op.size(); k++) {
            Type t;
            if (parseType(s.op[k], t))
                types.push_back(t);
            else if (isRounding(s.op[k])) {
                rounding = roundingNamed(s.op[k]);
                integral = s.op[k].size() == 3;
                rounded = true;
            } else if (s.op[k] == "ftz")
                flush = true;
            else if (s.op[k] == "sat")
                saturate = true;
            else
                wrong("the stand-in does not know cvt." + s.op[k]);
        }
        if (types.size() != 2 || s.args.size() != 2)
            wrong("cvt needs two types and two operands");
        const Type to = types[0], from = types[1];
        const Register *d = findRegister(s.args[0]), *a = findRegister(s.args[1]);
        if (!d)
            wrong("unknown register " + s.args[0]);
        if (from.kind == 'f' && to.kind != 'f' && !rounded)
            rounding = FE_TOWARDZERO;
        const int toBits = d->type.bits, fromBits = a ? a->type.bits : std::max(from.bits, 16);
        const bool same = to.kind == 'f' && from.kind == 'f' && to.bits == from.bits;
        std::string name = "cvt.";
        if (same && integral)
            name += "integral.";
        if (saturate && to.kind != 'f' && from.kind != 'f')
            name += "sat.";
        name += to.name() + "." + from.name() + "/" + std::to_string(toBits) + "/" +
                std::to_string(fromBits);
        Instruction i;
        i.run = find(name);
        i.statement = now;
        i.d = d->at;
        i.a = a ? a->at : source(s.args[1], {from.kind, fromBits});
        modes(i, rounding, flush, saturate && to.kind == 'f', to);
        kernel->code.push_back(i);
        guard(kernel->code.back(), s);
    }

    void move(const Statement &s)
    {
        Type t;
        if (s.op.size() < 2 || s.args.size() != 2 || !parseType(s.op.back(), t))
            wrong("mov needs a type and two operands");
        const bool intoParts = s.args[0][0] == '{', fromParts = s.args[1][0] == '{';
        if (!intoParts && !fromParts) {
            Instruction i;
            i.run = find("mov." + t.name());
            i.statement = now;
            i.d = result(s.args[0], t.bits);
            i.a = i.b = source(s.args[1], t);
            kernel->code.push_back(i);
            guard(kernel->code.back(), s);
            return;
        }
        const std::vector<std::string> parts = elements(s.args[intoParts ? 0 : 1]);
        if (parts.size() != 2 && parts.size() != 4)
            wrong("expected two or four parts");
        const Type part{'b', t.bits / (int)parts.size()};
        Instruction i;
        i.run = find(format("%s.%d.%d", intoParts ? "unpack" : "pack", t.bits, part.bits));
        i.statement = now;
        i.count = (uint8_t)parts.size();
        for (size_t k = 0; k < parts.size(); k++)
            i.vector[k] = intoParts ? result(parts[k], part.bits) : source(parts[k], part);
        if (intoParts)
            i.a = source(s.args[1], t);
        else
            i.d = result(s.args[0], t.bits);
        kernel->code.push_back(i);
        guard(kernel->code.back(), s);
    }

    static std::vector<std::string> elements(const std::string &list) // of "{a,b}" and "(a,b)"
    {
        std::vector<std::string> e;
        for (size_t b = 1, end; b < list.size(); b = end + 1) {
            end = std::min(list.find(',', b), list.size() - 1);
            if (end > b)
                e.push_back(list.substr(b, end - b));
        }
        return e;
    }

    // address reads "[%rd1+8]", "[name+4]" or "[16]" into an instruction.
    void address(Instruction &i, const std::string &text)
    {
        if (text.size() < 3 || text[0] != '[')
            wrong("found " + text + ", expected an address");
        const std::string inner = text.substr(1, text.size() - 2);
        const size_t sign = inner.find_first_of("+-", 1);
        const std::string base = inner.substr(0, sign);
        int64_t offset = 0;
        if (sign != std::string::npos) {
            const std::string digits = inner.substr(inner[sign] == '+' ? sign + 1 : sign);
            offset = (int64_t)strtoll(digits.c_str(), nullptr, 0);
        }
        if (const Register *r = findRegister(base)) {
            i.a = r->at;
            i.addressIs32 = r->type.bits == 32;
            i.immediate = offset;
            if (r->type.bits < 32)
                wrong("an address in a register of 16 bits");
            return;
        }
        i.hasAddress = false;
        if (const Place *p = findPlace(base)) {
            if (p->space != i.space && i.space != Space::Param)
                wrong(base + " lies in another state space");
            i.space = p->space;
            i.immediate = (int64_t)p->address + offset;
        } else
            i.immediate = (int64_t)literal(base, {'u', 64}) + offset;
    }

    static bool spaceNamed(const std::string &name, Space &space)
    {
        static const std::map<std::string, Space> spaces = {
            {"global", Space::Global},      {"const", Space::Global},
            {"shared", Space::Shared},      {"local", Space::Local},
            {"param", Space::Param},        {"shared::cta", Space::Shared},
            {"param::entry", Space::Param}, {"param::func", Space::Param}};
        const auto i = spaces.find(name);
        if (i == spaces.end())
            return false;
        space = i->second;
        return true;
    }

    void grain(const Instruction &i)
    {
        if (i.space != Space::Shared)
            kernel->smallestGlobal = std::min<int>(kernel->smallestGlobal, i.bytes);
        if (i.space == Space::Shared || i.space == Space::Generic)
            kernel->smallestShared = std::min<int>(kernel->smallestShared, i.bytes);
    }

    void memory(const Statement &s)
    {
        Instruction i;
        i.writes = s.op[0] == "st";
        Type t;
        if (!parseType(s.op.back(), t) || s.args.size() != 2)
            wrong("a load or store without a type or operands");
        for (size_t k = 1; k + 1 < s.op.size(); k++)
            if (!spaceNamed(s.op[k], i.space) && (s.op[k] == "v2" || s.op[k] == "v4"))
                i.count = (uint8_t)(s.op[k][1] - '0');
        i.bytes = (uint8_t)t.bytes();
        address(i, s.args[i.writes ? 0 : 1]);
        const std::string &value = s.args[i.writes ? 1 : 0];
        const std::vector<std::string> parts =
            value[0] == '{' ? elements(value) : std::vector<std::string>{value};
        if (parts.size() != i.count)
            wrong("the number of elements differs from the vector's");
        int bits = std::max(t.bits, 16);
        for (const std::string &p : parts)
            if (const Register *r = findRegister(p))
                bits = r->type.bits;
        for (size_t k = 0; k < parts.size(); k++)
            i.vector[k] = i.writes ? source(parts[k], {t.kind, bits})
                                   : result(parts[k], parts[k] == "_" ? 0 : bits);
        i.run = loadOrStore(i, t, bits / 8);
        if (!i.run)
            wrong("no such load or store");
        i.statement = now;
        grain(i);
        kernel->code.push_back(i);
        guard(kernel->code.back(), s);
    }

    void atomic(const Statement &s)
    {
        static const std::set<std::string> known = {"add", "min",  "max", "and", "or",
                                                    "xor", "exch", "cas", "inc", "dec"};
        Instruction i;
        i.writes = i.atomic = true;
        i.hasD = s.op[0] == "atom";
        Type t;
        std::string name;
        for (size_t k = 1; k < s.op.size(); k++)
            if (!spaceNamed(s.op[k], i.space) && known.count(s.op[k]))
                name = s.op[k];
        if (!parseType(s.op.back(), t) || name.empty())
            wrong("an atomic instruction that the stand-in does not know");
        i.run = find("atom." + name + "." + t.name());
        i.bytes = (uint8_t)t.bytes();
        size_t k = 0;
        if (i.hasD) {
            i.hasD = s.args.at(0) != "_";
            i.d = result(s.args[k++], t.bits);
        }
        address(i, s.args.at(k++));
        i.b = source(s.args.at(k++), t);
        if (k < s.args.size())
            i.c = source(s.args[k], t);
        i.statement = now;
        grain(i);
        kernel->code.push_back(i);
        guard(kernel->code.back(), s);
    }

    // cvta adds or takes off the window of the space.
    void toAddress(const Statement &s)
    {
        Space space = Space::Global;
        const bool to = s.op.at(1) == "to";
        spaceNamed(s.op.at(to ? 2 : 1), space);
        const Type t{'u', 64};
        if (s.op.back() != "u64")
            wrong("expected cvta of 64 bits");
        const uint64_t window = space == Space::Shared  ? sharedWindow
                                : space == Space::Local ? localWindow
                                                        : 0;
        Instruction i;
        i.run = find(to ? "sub.u64" : "add.u64");
        i.statement = now;
        i.d = result(s.args.at(0), 64);
        i.a = source(s.args.at(1), t);
        i.b = constant(window, 8);
        if (!window)
            i.run = find("mov.u64");
        kernel->code.push_back(i);
        guard(kernel->code.back(), s);
    }

    void barrier(const Statement &s)
    {
        const std::vector<std::string> &op = s.op;
        if (op.at(1) == "warp") {
            const std::string over = around(s);
            Instruction i;
            i.run = find("syncwarp");
            i.e = source(s.args.at(0), {'b', 32});
            i.statement = now;
            kernel->code.push_back(i);
            if (!over.empty())
                label(over);
            return;
        }
        const bool reduce = op.at(1) == "red";
        if ((!reduce && op.at(1) != "sync") || s.args.size() != (reduce ? 3 : 1))
            wrong("the stand-in knows bar.sync and bar.red of the whole block");
        const std::string over = around(s);
        Instruction i;
        i.run = find("bar");
        i.statement = now;
        if (reduce) {
            const std::string &what = op.at(op.at(2) == "aligned" ? 3 : 2);
            const std::string &p = s.args[2];
            i.hasD2 = true;
            i.immediate = p[0] == '!';
            i.a = source(p[0] == '!' ? p.substr(1) : p, {'p', 1});
            i.count = what == "popc" ? 0 : what == "and" ? 1 : 2;
            i.d = result(s.args[0], what == "popc" ? 32 : 1);
        }
        kernel->code.push_back(i);
        if (!over.empty())
            label(over);
    }

    void warpWide(const Statement &s)
    {
        const std::vector<std::string> &op = s.op;
        if (std::find(op.begin(), op.end(), "sync") == op.end())
            wrong("expected the form with .sync");
        const std::string over = around(s);
        Instruction i;
        i.statement = now;
        std::string first = s.args.at(0);
        const size_t bar = first.find('|');
        if (bar != std::string::npos) {
            i.hasD2 = true;
            i.d2 = result(first.substr(bar + 1), 1);
            first = first.substr(0, bar);
        }
        i.hasD = first != "_";
        const Type b32{'b', 32};
        if (op[0] == "shfl") {
            i.run = find("shfl." + op.at(2));
            i.d = result(first, 32);
            i.a = source(s.args.at(1), b32);
            i.b = source(s.args.at(2), b32);
            i.c = source(s.args.at(3), b32);
            i.e = source(s.args.at(4), b32);
        } else if (op[0] == "vote") {
            i.run = find("vote." + op.at(2));
            i.d = result(first, op.at(2) == "ballot" ? 32 : 1);
            const std::string &p = s.args.at(1);
            i.immediate = p[0] == '!';
            i.a = source(p[0] == '!' ? p.substr(1) : p, {'p', 1});
            i.e = source(s.args.at(2), b32);
        } else {
            Type t;
            parseType(op.back(), t);
            i.run = find("match." + op.at(1) + "." + t.name());
            i.d = result(first, 32);
            i.a = source(s.args.at(1), t);
            i.e = source(s.args.at(2), b32);
        }
        kernel->code.push_back(i);
        if (!over.empty())
            label(over);
    }

    // call puts the function's code in its place; parameters are the caller's variables.
    void call(const Statement &s)
    {
        size_t k = 0;
        std::vector<std::string> results, arguments;
        if (!s.args.empty() && s.args[0][0] == '(')
            results = elements(s.args[k++]);
        const std::string name = s.args.at(k++);
        if (k < s.args.size())
            arguments = elements(s.args[k]);
        const std::string over = around(s);
        if (name == "__assertfail")
            emit("trap");
        else {
            const auto f = module->functions.find(name);
            if (f == module->functions.end() || !f->second.body)
                wrong("a call of " + name + ", which has no code in the module");
            if (std::find(calling.begin(), calling.end(), name) != calling.end())
                wrong("recursion of " + name);
            putInPlace(f->second, results, arguments);
        }
        now = &s;
        if (!over.empty())
            label(over);
    }

    void putInPlace(const Function &f, const std::vector<std::string> &results,
                    const std::vector<std::string> &arguments)
    {
        if (results.size() != f.results.size() || arguments.size() != f.params.size())
            wrong("the call's operands differ from those of " + f.name);
        Scope inner;
        auto bind = [&](const std::vector<std::string> &names,
                        const std::vector<Variable> &variables) {
            for (size_t k = 0; k < names.size(); k++) {
                const Place *p = findPlace(names[k]);
                if (!p)
                    wrong("unknown variable " + names[k]);
                inner.places[variables[k].name] = *p;
            }
        };
        bind(results, f.results);
        bind(arguments, f.params);
        std::vector<Scope> outer;
        outer.swap(scopes);
        scopes.push_back(outer[0]); // variables of the module
        scopes[0].registers.clear();
        scopes[0].families.clear();
        scopes.push_back(inner);
        const int callerInstance = instance;
        const std::string callerReturn = returnLabel;
        instance = ++instances;
        returnLabel = localLabel("return");
        calling.push_back(f.name);
        body(f);
        label(returnLabel);
        calling.pop_back();
        instance = callerInstance;
        returnLabel = callerReturn;
        scopes.swap(outer);
    }

    int target(const std::string &to)
    {
        const auto l = labels.find(to);
        if (l == labels.end())
            wrong("unknown label " + to.substr(to.find(':') + 1));
        return l->second;
    }

    // finish turns marks into offsets and pointers.
    void finish()
    {
        Kernel &k = *kernel;
        for (const auto &[at, to] : jumps) {
            Instruction &i = k.code[at];
            now = i.statement;
            const auto table = tables.find(to);
            if ((table != tables.end()) != (i.run == find("brx")))
                wrong("a jump needs a label, a jump by number needs a table of labels");
            if (table != tables.end())
                for (const std::string &t : table->second)
                    i.targets.push_back(&k.code[target(to.substr(0, to.find(':') + 1) + t)]);
            else
                i.target = &k.code[target(to)];
        }
        k.constantsFrom = aligned(registerEnd, 64);
        k.registerBytes = aligned(k.constantsFrom + constantEnd, 64);
        for (Constant &c : k.constants)
            c.at += (uint32_t)k.constantsFrom;
        for (SpecialRegister &r : k.specials)
            r.at += (uint32_t)k.constantsFrom;
        const Run meet = find("meet"), jump = find("bra"), end = find("ret");
        Instruction *counted = nullptr;
        for (Instruction &i : k.code) {
            for (uint32_t *offset : {&i.guard, &i.d, &i.a, &i.b, &i.c, &i.e, &i.d2, &i.vector[0],
                                     &i.vector[1], &i.vector[2], &i.vector[3]})
                if (*offset & behindRegisters)
                    *offset = (*offset & ~behindRegisters) + (uint32_t)k.constantsFrom;
            if (i.run == meet)
                counted = &i;
            else if (counted)
                counted->following++;
            if ((i.run == jump || i.run == end) && !i.hasGuard)
                counted = nullptr;
        }
    }
};
} // namespace

std::shared_ptr<Kernel> decode(std::shared_ptr<Module> module, const Function &entry,
                               const std::map<std::string, uint64_t> &addresses)
{ return Decoder(module, entry, addresses).decode(); }
} // namespace standin

extern "C" __attribute__((visibility("default"))) const char *standinUnusedInstructions(void)
{
    static std::string list;
    list.clear();
    for (const std::string &name : standin::unused())
        list += name + "\n";
    return list.c_str();
}
