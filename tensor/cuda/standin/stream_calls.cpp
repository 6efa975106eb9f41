// Calls about streams and events. Nothing runs before somebody waits for it.
#include "driver.h"
#include <algorithm>

using namespace standin;

namespace {
CUresult create(CUstream *s, unsigned flags, int priority)
{
    if (flags & ~(unsigned)CU_STREAM_NON_BLOCKING)
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuStreamCreate", format("flags %#x", flags));
    *s = new CUstream_st;
    (*s)->flags = flags;
    (*s)->priority = priority;
    driver().streams.push_back(*s);
    return CUDA_SUCCESS;
}
bool known(CUevent e) { return driver().events.count(e) > 0; }
bool reached(CUevent e)
{ return !e->number || e->stream->queue.empty() || e->stream->queue.front().number > e->number; }
} // namespace

#define STREAM(CALL)                                                                               \
    IN_CONTEXT                                                                                     \
    CUstream s = streamOf(handle);                                                                 \
    if (!s)                                                                                        \
        return refuse(CUDA_ERROR_INVALID_HANDLE, CALL, "no such stream");
#define EVENT(CALL)                                                                                \
    IN_CONTEXT                                                                                     \
    if (!known(e))                                                                                 \
        return refuse(CUDA_ERROR_INVALID_HANDLE, CALL, "no such event");

EXPORT CUresult cuStreamCreate(CUstream *s, unsigned flags)
{
    IN_CONTEXT
    return create(s, flags, 0);
}
EXPORT CUresult cuStreamCreateWithPriority(CUstream *s, unsigned flags, int priority)
{
    IN_CONTEXT
    return create(s, flags, priority);
}
EXPORT CUresult cuStreamDestroy(CUstream handle)
{
    STREAM("cuStreamDestroy")
    Driver &d = driver();
    if (s == &d.defaultStream)
        return CUDA_ERROR_INVALID_HANDLE;
    const CUresult r = finish(s); // the work still runs
    for (CUevent e : d.events)
        if (e->stream == s)
            e->stream = &d.defaultStream, e->number = 0;
    d.streams.erase(std::find(d.streams.begin(), d.streams.end(), s));
    return delete s, r;
}
EXPORT CUresult cuStreamSynchronize(CUstream handle)
{
    STREAM("cuStreamSynchronize")
    driver().waits++;
    return s == &driver().defaultStream ? finishAll(false) : finish(s);
}
// A query lets one piece of work run, so that a program that polls comes to its end.
EXPORT CUresult cuStreamQuery(CUstream handle)
{
    STREAM("cuStreamQuery")
    if (s->queue.empty())
        return CUDA_SUCCESS;
    const CUresult r = finish(s, s->queue.front().number);
    return r ? r : s->queue.empty() ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}
EXPORT CUresult cuStreamGetFlags(CUstream handle, unsigned *flags)
{
    STREAM("cuStreamGetFlags")
    return *flags = s->flags, CUDA_SUCCESS;
}
EXPORT CUresult cuStreamGetPriority(CUstream handle, int *priority)
{
    STREAM("cuStreamGetPriority")
    return *priority = s->priority, CUDA_SUCCESS;
}
EXPORT CUresult cuStreamWaitEvent(CUstream handle, CUevent e, unsigned)
{
    STREAM("cuStreamWaitEvent")
    if (!known(e))
        return CUDA_ERROR_INVALID_HANDLE;
    if (!e->number || e->stream == s)
        return CUDA_SUCCESS;
    CUstream other = e->stream;
    const uint64_t number = e->number;
    return enqueue(s, "cuStreamWaitEvent", [=] {
        if (streamOf(other) && finish(other, number) != CUDA_SUCCESS)
            throw Fault{driver().broken, lastMessage()};
    });
}
EXPORT CUresult cuLaunchHostFunc(CUstream handle, CUhostFn function, void *data)
{
    STREAM("cuLaunchHostFunc")
    return enqueue(s, "cuLaunchHostFunc", [=] { function(data); });
}

EXPORT CUresult cuEventCreate(CUevent *e, unsigned flags)
{
    IN_CONTEXT
    *e = new CUevent_st;
    (*e)->flags = flags;
    return driver().events.insert(*e), CUDA_SUCCESS;
}
EXPORT CUresult cuEventDestroy(CUevent e)
{
    EVENT("cuEventDestroy")
    const CUresult r =
        e->number && streamOf(e->stream) ? finish(e->stream, e->number) : CUDA_SUCCESS;
    driver().events.erase(e);
    return delete e, r;
}
EXPORT CUresult cuEventRecord(CUevent e, CUstream handle)
{
    STREAM("cuEventRecord")
    if (!known(e))
        return CUDA_ERROR_INVALID_HANDLE;
    const CUresult r = enqueue(s, "cuEventRecord", [=] {
        if (known(e))
            e->when = std::chrono::steady_clock::now();
    });
    e->stream = s;
    e->number = driver().works;
    return r;
}
EXPORT CUresult cuEventSynchronize(CUevent e)
{
    EVENT("cuEventSynchronize")
    driver().waits++;
    return e->number ? finish(e->stream, e->number) : CUDA_SUCCESS;
}
EXPORT CUresult cuEventQuery(CUevent e)
{
    EVENT("cuEventQuery")
    if (reached(e))
        return CUDA_SUCCESS;
    const CUresult r = finish(e->stream, e->stream->queue.front().number);
    return r ? r : reached(e) ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}
EXPORT CUresult cuEventElapsedTime(float *milliseconds, CUevent e, CUevent stop)
{
    EVENT("cuEventElapsedTime")
    if (!known(stop) || !e->number || !stop->number)
        return CUDA_ERROR_INVALID_HANDLE;
    if (!reached(e) || !reached(stop))
        return CUDA_ERROR_NOT_READY;
    *milliseconds = std::chrono::duration<float, std::milli>(stop->when - e->when).count();
    return CUDA_SUCCESS;
}
