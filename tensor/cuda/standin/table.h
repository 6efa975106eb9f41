// The tables of instructions, by name and type: "add.f32", "mul.wide.s32".
#pragma once
#include "warp.h"
#include <unordered_map>

namespace standin {
using Table = std::unordered_map<std::string, Run>;
const Table &instructions();

// Each file adds what it holds.
void addFloats(Table &);
void addIntegers(Table &);
void addComparisons(Table &);
void addConversions(Table &);
void addMoves(Table &);
void addAtomics(Table &);
void addWarpWide(Table &);
void addControl(Table &);
Run loadOrStore(const Instruction &i, Type memory, int registerBytes); // null: no such access

// Wrappers; see Instruction.
const Instruction *runGuarded(Warp &, const Instruction *);
const Instruction *runInMode(Warp &, const Instruction *);
template <class T> const Instruction *runSaturated(Warp &, const Instruction *);

template <class T, class F> const Instruction *unary(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    each(w, w.at<T>(i->d), [=](int l) { return F::of(a[l]); });
    return i + 1;
}
template <class T, class F> const Instruction *binary(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b);
    each(w, w.at<T>(i->d), [=](int l) { return F::of(a[l], b[l]); });
    return i + 1;
}
template <class T, class F> const Instruction *ternary(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a), *b = w.at<T>(i->b), *c = w.at<T>(i->c);
    each(w, w.at<T>(i->d), [=](int l) { return F::of(a[l], b[l], c[l]); });
    return i + 1;
}
// dear is a function of one variable that is not vectorised.
template <class T, class F> const Instruction *dear(Warp &w, const Instruction *i)
{
    const T *a = w.at<T>(i->a);
    T *d = w.at<T>(i->d);
    eachActive(w.mask, [=](int l) { d[l] = F::of(a[l]); });
    return i + 1;
}
} // namespace standin
