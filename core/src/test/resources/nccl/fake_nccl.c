// A stand-in for libnccl.so.2 and libcudart.so.12 on machines without a GPU: the same symbols, argument types and
// return codes, but "device memory" is host memory and a stream is a thread with a queue. Ranks may be threads of one
// process or processes; they meet in POSIX shared memory named by the unique id.
//
//   cc -std=c11 -O2 -Wall -Wextra -shared -fPIC -pthread -o libfakenccl.so fake_nccl.c
//
// With -DREAL_HEADERS and the include folders of a PyTorch from the Python registry (nvidia/nccl, nvidia/cuda_runtime,
// nvidia/cuda_nvcc) the compiler compares the signatures with those of nccl.h and cuda_runtime_api.h.
//
// Stricter than the real thing, so that mistakes show: collectives that do not match over the ranks are an error here
// and a hang there. As forgiving as the real thing where it is: a dead peer is not noticed (FAKE_NCCL_SEES_DEAD=1: it is).
//
// FAKE_CUDA_DEVICES   number of devices (default 8)
// A non-blocking communicator's first collective is "in progress" for 20 ms; later ones are too, for as long as a new
// thread takes to put them on the stream, as in 2.26.
// FAKE_NCCL_FAULT     or fakeFault("...") for this process; several with commas between. N counts a communicator's
//                     collectives from 1; one that ends in @RANK is that rank's alone:
//                     hang:N      rank takes no part in collective N
//                     error:N:R   collective N fails later with result R (async), as after a network error
//                     call:N:R    the call of collective N itself returns R
//                     slow:N:MS   collective N takes MS milliseconds longer
//                     die:N       the process ends without a word at collective N
//                     init:hang   joining never ends;  init:R  joining fails with R
//                     abort:hang  ncclCommAbort does not return
//                     cuda:N:E    at collective N the rank's device fails for good with the CUDA error E
//                     connect:MS  the first collective is in progress for so many milliseconds
//                     count:E     cudaGetDeviceCount fails with E;  id:R  ncclGetUniqueId fails with R
//                     version:V   ncclGetVersion gives V;  capability:C  of every device, times ten
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

// ---------------------------------------------------------------- the ABI (nccl.h 2.26, cuda_runtime_api.h 12)

#ifdef REAL_HEADERS // -DREAL_HEADERS -I.../nvidia/nccl/include -I.../nvidia/cuda_runtime/include: proves the signatures
#define fakeStream CUstream_st
#define fakeEvent CUevent_st
#include <nccl.h>
typedef enum cudaDeviceAttr deviceAttribute;
#else
typedef int deviceAttribute;
typedef struct fakeStream *cudaStream_t; // 0: the legacy default stream of the calling thread's device
typedef struct fakeEvent *cudaEvent_t;
typedef int cudaError_t;
typedef struct ncclComm *ncclComm_t;
typedef struct { char internal[128]; } ncclUniqueId; // by value: on the stack, being larger than 16 bytes
typedef int ncclResult_t;
typedef int ncclDataType_t;
typedef int ncclRedOp_t;
typedef struct {
  size_t size;
  unsigned magic, version;
  int blocking, cgaClusterSize, minCTAs, maxCTAs;
  const char *netName;
  int splitShare, trafficClass;
} ncclConfig_t;
#endif
_Static_assert(sizeof(ncclUniqueId) == 128 && sizeof(ncclConfig_t) == 48 && sizeof(ncclResult_t) == 4, "ABI");

enum { OK, CUDA_ERROR, SYSTEM_ERROR, INTERNAL_ERROR, INVALID_ARGUMENT, INVALID_USAGE, REMOTE_ERROR, IN_PROGRESS };
enum { CUDA_OK = 0, CUDA_INVALID_VALUE = 1, CUDA_INVALID_DEVICE = 101, CUDA_INVALID_HANDLE = 400, CUDA_NOT_READY = 600 };
enum { ALL_REDUCE = 1, BROADCAST, REDUCE_SCATTER, ALL_GATHER, REDUCE };

static int setting(const char *name, int otherwise) {
  const char *text = getenv(name);
  return text ? atoi(text) : otherwise;
}

static void pause_us(long us) {
  struct timespec t = {us / 1000000, us % 1000000 * 1000};
  nanosleep(&t, NULL);
}

static bool due(const char *kind, int number, int rank, int *value);

// ---------------------------------------------------------------- devices, streams, events

struct op {
  struct op *next;
  void (*run)(void *);
  void *argument;
};

struct fakeStream {
  int device;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct op *first, *last;
  bool busy, ending;
};

struct fakeEvent {
  int device;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t recorded, reached; // generations
};

#define MAX_DEVICES 64
static __thread int device;
static struct fakeStream *legacy[MAX_DEVICES];
static pthread_mutex_t legacyLock = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *argument) {
  struct fakeStream *s = argument;
  pthread_mutex_lock(&s->lock);
  while (true) {
    while (!s->first && !s->ending) pthread_cond_wait(&s->changed, &s->lock);
    if (!s->first) break;
    struct op *op = s->first;
    s->first = op->next;
    if (!s->first) s->last = NULL;
    s->busy = true;
    pthread_mutex_unlock(&s->lock);
    op->run(op->argument);
    free(op);
    pthread_mutex_lock(&s->lock);
    s->busy = false;
    pthread_cond_broadcast(&s->changed);
  }
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

static struct fakeStream *newStream(int ofDevice) {
  struct fakeStream *s = calloc(1, sizeof *s);
  s->device = ofDevice;
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->changed, NULL);
  pthread_create(&s->thread, NULL, work, s);
  return s;
}

static struct fakeStream *resolve(cudaStream_t s) {
  if ((uintptr_t)s > 2) return s;
  pthread_mutex_lock(&legacyLock);
  if (!legacy[device]) legacy[device] = newStream(device);
  struct fakeStream *found = legacy[device];
  pthread_mutex_unlock(&legacyLock);
  return found;
}

static void enqueue(struct fakeStream *s, void (*run)(void *), void *argument) {
  struct op *op = calloc(1, sizeof *op);
  op->run = run;
  op->argument = argument;
  pthread_mutex_lock(&s->lock);
  if (s->last) s->last->next = op; else s->first = op;
  s->last = op;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
}

static void drain(struct fakeStream *s) {
  pthread_mutex_lock(&s->lock);
  while (s->first || s->busy) pthread_cond_wait(&s->changed, &s->lock);
  pthread_mutex_unlock(&s->lock);
}

static atomic_int dead[MAX_DEVICES]; // the error that a device's context died of

EXPORT cudaError_t cudaGetDeviceCount(int *count) {
  int error = 0;
  *count = setting("FAKE_CUDA_DEVICES", 8);
  return due("count", -1, -1, &error) ? error : CUDA_OK;
}
EXPORT cudaError_t cudaDeviceGetAttribute(int *value, deviceAttribute attribute, int ordinal) {
  (void)ordinal;
  int capability = 90;
  due("capability", -1, -1, &capability);
  *value = (int)attribute == 75 ? capability / 10 : capability % 10;
  return (int)attribute == 75 || (int)attribute == 76 ? CUDA_OK : CUDA_INVALID_VALUE;
}
EXPORT cudaError_t cudaMemGetInfo(size_t *free, size_t *total) {
  *free = (size_t)70 << 30;
  *total = (size_t)80 << 30;
  return CUDA_OK;
}
#ifndef REAL_HEADERS
EXPORT cudaError_t cudaGetDeviceProperties(void *properties, int ordinal) { // begins with the name, in 256 bytes
  snprintf(properties, 256, "Fake GPU %d in host memory", ordinal);
  return CUDA_OK;
}
#endif
EXPORT cudaError_t cudaRuntimeGetVersion(int *version) { *version = 12060; return CUDA_OK; }
EXPORT cudaError_t cudaDriverGetVersion(int *version) { *version = 12080; return CUDA_OK; }
EXPORT cudaError_t cudaGetDevice(int *current) { *current = device; return CUDA_OK; }
EXPORT cudaError_t cudaGetLastError(void) { return atomic_load(&dead[device]); }
EXPORT cudaError_t cudaFree(void *memory) { return memory ? CUDA_INVALID_VALUE : CUDA_OK; }
EXPORT cudaError_t cudaSetDevice(int ordinal) {
  if (ordinal < 0 || ordinal >= setting("FAKE_CUDA_DEVICES", 8)) return CUDA_INVALID_DEVICE;
  device = ordinal;
  return CUDA_OK;
}
EXPORT cudaError_t cudaDeviceGetPCIBusId(char *text, int length, int ordinal) {
  if (ordinal < 0 || ordinal >= setting("FAKE_CUDA_DEVICES", 8)) return CUDA_INVALID_DEVICE;
  snprintf(text, (size_t)length, "0000:%02X:00.0", ordinal + 1);
  return CUDA_OK;
}
EXPORT const char *cudaGetErrorName(cudaError_t e) {
  switch (e) {
    case CUDA_OK: return "cudaSuccess";
    case CUDA_INVALID_VALUE: return "cudaErrorInvalidValue";
    case CUDA_INVALID_DEVICE: return "cudaErrorInvalidDevice";
    case CUDA_INVALID_HANDLE: return "cudaErrorInvalidResourceHandle";
    case CUDA_NOT_READY: return "cudaErrorNotReady";
    case 2: return "cudaErrorMemoryAllocation";
    case 35: return "cudaErrorInsufficientDriver";
    case 100: return "cudaErrorNoDevice";
    case 719: return "cudaErrorLaunchFailure";
    default: return "unrecognized error code";
  }
}
EXPORT const char *cudaGetErrorString(cudaError_t e) { return e == 719 ? "unspecified launch failure" : cudaGetErrorName(e); }

// Streams without cudaStreamNonBlocking (1) wait for the legacy stream and it for them: here they are it.
EXPORT cudaError_t cudaStreamCreateWithFlags(cudaStream_t *s, unsigned flags) {
  if (flags > 1) return CUDA_INVALID_VALUE;
  *s = flags == 1 ? newStream(device) : resolve(NULL);
  return CUDA_OK;
}
EXPORT cudaError_t cudaStreamDestroy(cudaStream_t s) {
  if ((uintptr_t)s <= 2) return CUDA_INVALID_HANDLE;
  pthread_mutex_lock(&legacyLock);
  bool shared = s == legacy[s->device];
  pthread_mutex_unlock(&legacyLock);
  if (shared) return CUDA_OK;
  pthread_mutex_lock(&s->lock);
  s->ending = true;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
  pthread_join(s->thread, NULL);
  free(s);
  return CUDA_OK;
}
EXPORT cudaError_t cudaStreamSynchronize(cudaStream_t s) { drain(resolve(s)); return CUDA_OK; }
EXPORT cudaError_t cudaStreamQuery(cudaStream_t s) {
  struct fakeStream *stream = resolve(s);
  pthread_mutex_lock(&stream->lock);
  bool idle = !stream->first && !stream->busy;
  pthread_mutex_unlock(&stream->lock);
  return idle ? CUDA_OK : CUDA_NOT_READY;
}

EXPORT cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags) {
  (void)flags;
  struct fakeEvent *e = calloc(1, sizeof *e);
  e->device = device;
  pthread_mutex_init(&e->lock, NULL);
  pthread_cond_init(&e->changed, NULL);
  *event = e;
  return CUDA_OK;
}
EXPORT cudaError_t cudaEventDestroy(cudaEvent_t event) { (void)event; return CUDA_OK; } // queued marks may still point to it

struct mark { struct fakeEvent *event; uint64_t generation; };

static void reach(void *argument) {
  struct mark *m = argument;
  pthread_mutex_lock(&m->event->lock);
  if (m->event->reached < m->generation) m->event->reached = m->generation;
  pthread_cond_broadcast(&m->event->changed);
  pthread_mutex_unlock(&m->event->lock);
  free(m);
}
static void await(void *argument) {
  struct mark *m = argument;
  pthread_mutex_lock(&m->event->lock);
  while (m->event->reached < m->generation) pthread_cond_wait(&m->event->changed, &m->event->lock);
  pthread_mutex_unlock(&m->event->lock);
  free(m);
}
static struct mark *marked(struct fakeEvent *e, bool anew) {
  struct mark *m = calloc(1, sizeof *m);
  m->event = e;
  pthread_mutex_lock(&e->lock);
  m->generation = anew ? ++e->recorded : e->recorded;
  pthread_mutex_unlock(&e->lock);
  return m;
}
EXPORT cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) {
  struct fakeStream *stream = resolve(s);
  if (stream->device != e->device) return CUDA_INVALID_HANDLE;
  enqueue(stream, reach, marked(e, true));
  return CUDA_OK;
}
EXPORT cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned flags) {
  (void)flags;
  enqueue(resolve(s), await, marked(e, false));
  return CUDA_OK;
}
EXPORT cudaError_t cudaEventQuery(cudaEvent_t e) {
  int died = atomic_load(&dead[e->device]);
  if (died) return died;
  pthread_mutex_lock(&e->lock);
  bool done = e->reached >= e->recorded;
  pthread_mutex_unlock(&e->lock);
  return done ? CUDA_OK : CUDA_NOT_READY;
}
EXPORT cudaError_t cudaEventSynchronize(cudaEvent_t e) { await(marked(e, false)); return CUDA_OK; }

// Test only: a kernel on a stream that takes some time and then writes n floats.
struct fill { float *to; size_t n; float value; int us; };
static void runFill(void *argument) {
  struct fill *f = argument;
  pause_us(f->us);
  for (size_t i = 0; i < f->n; i++) f->to[i] = f->value;
  free(f);
}
EXPORT cudaError_t fakeFill(cudaStream_t s, float *to, size_t n, float value, int us) {
  struct fill *f = malloc(sizeof *f);
  *f = (struct fill){to, n, value, us};
  enqueue(resolve(s), runFill, f);
  return CUDA_OK;
}

// ---------------------------------------------------------------- faults

static char fault[128];

EXPORT void fakeFault(const char *text) {
  snprintf(fault, sizeof fault, "%s", text);
  for (int i = 0; i < MAX_DEVICES; i++) atomic_store(&dead[i], 0);
}
// Whether a rank's fault of that kind is due at that number (-1: at any); its last number goes to *value.
static bool due(const char *kind, int number, int rank, int *value) {
  if (!fault[0] && getenv("FAKE_NCCL_FAULT")) snprintf(fault, sizeof fault, "%s", getenv("FAKE_NCCL_FAULT"));
  size_t length = strlen(kind);
  for (const char *one = fault; one; one = strchr(one, ',') ? strchr(one, ',') + 1 : NULL) {
    if (strncmp(one, kind, length) || one[length] != ':') continue;
    const char *end = strchr(one, ','), *whose = strchr(one, '@');
    if (whose && (!end || whose < end) && atoi(whose + 1) != rank) continue;
    int at = 0, last = 0, read = sscanf(one + length + 1, "%d:%d", &at, &last);
    if (number >= 0 && !(read >= 1 && at == number)) continue;
    if (value && read >= 1) *value = read == 2 ? last : at;
    return true;
  }
  return false;
}

// ---------------------------------------------------------------- communicators

#define MAX_RANKS 16
#define SLOT (1 << 20)
#define MAGIC 0x46414b45u

struct shared {
  atomic_uint magic;
  atomic_int joined, left, failure;
  atomic_int arrived[2 * MAX_RANKS]; // barriers passed, by rank; a cache line apart would be faster, not clearer
  struct { int pid, device; int kind; size_t count; int type, op, root; } rank[MAX_RANKS];
  _Alignas(64) char data[MAX_RANKS][SLOT];
};

struct ncclComm {
  struct shared *shared;
  char name[64];
  int rank, ranks, device, version;
  bool blocking, connected, finalized;
  int barriers, collectives;
  atomic_int state, abort, pending;
  pthread_t joiner;
  bool joining;
};

static __thread char lastError[256];
#define FAIL(result, ...) (snprintf(lastError, sizeof lastError, __VA_ARGS__), (result))
static char asyncError[256]; // of the process, as ncclGetLastError's

EXPORT ncclResult_t ncclGetVersion(int *version) { if (!version) return INVALID_ARGUMENT; *version = 22602; due("version", -1, -1, version); return OK; }
EXPORT const char *ncclGetErrorString(ncclResult_t r) {
  static const char *texts[] = {"no error", "unhandled cuda error", "unhandled system error", "internal error",
      "invalid argument", "invalid usage", "remote process exited or there was a network error",
      "NCCL operation in progress"};
  return r >= 0 && r <= 7 ? texts[r] : "unknown result code";
}
EXPORT const char *ncclGetLastError(ncclComm_t comm) { (void)comm; return lastError[0] ? lastError : asyncError; }

EXPORT ncclResult_t ncclGetUniqueId(ncclUniqueId *id) {
  static atomic_int counter;
  int failure = 0;
  if (due("id", -1, -1, &failure)) return FAIL(failure, "Bootstrap : no socket interface found");
  memset(id, 0, sizeof *id);
  memcpy(id->internal, "FAKE", 4);
  snprintf(id->internal + 4, 60, "/fakenccl-%d-%d-%ld", getpid(), atomic_fetch_add(&counter, 1), (long)time(NULL));
  for (int i = 64; i < 128; i++) id->internal[i] = (char)i; // the tail must arrive too
  int file = shm_open(id->internal + 4, O_CREAT | O_EXCL | O_RDWR, 0600);
  if (file < 0 || ftruncate(file, sizeof(struct shared))) return FAIL(SYSTEM_ERROR, "shm_open: %s", strerror(errno));
  close(file);
  return OK;
}

static ncclResult_t broken(struct ncclComm *c) {
  if (atomic_load(&c->abort)) return SYSTEM_ERROR;
  int failure = atomic_load(&c->shared->failure);
  if (failure) return failure;
  if (setting("FAKE_NCCL_SEES_DEAD", 0)) {
    for (int r = 0; r < c->ranks; r++) {
      int pid = c->shared->rank[r].pid;
      if (pid && kill(pid, 0) && errno == ESRCH) {
        snprintf(asyncError, sizeof asyncError, "rank %d: connection closed by remote peer", r);
        return REMOTE_ERROR;
      }
    }
  }
  return OK;
}

static ncclResult_t barrier(struct ncclComm *c) {
  int mine = ++c->barriers;
  atomic_store(&c->shared->arrived[c->rank], mine);
  for (long spins = 0;; spins++) {
    bool all = true;
    for (int r = 0; r < c->ranks; r++) all &= atomic_load(&c->shared->arrived[r]) >= mine;
    if (all) return OK;
    if (spins % 64 == 63) {
      ncclResult_t r = broken(c);
      if (r) return r;
      pause_us(20);
    }
  }
}

static void forever(struct ncclComm *c) {
  while (!atomic_load(&c->abort)) pause_us(500);
}

static ncclResult_t join(struct ncclComm *c) {
  int result = 0;
  if (due("init", -1, c->rank, &result)) {
    if (!result) forever(c);
    return result ? result : SYSTEM_ERROR;
  }
  int file = shm_open(c->name, O_RDWR, 0600);
  if (file < 0) return FAIL(SYSTEM_ERROR, "no such unique id %s: %s", c->name, strerror(errno));
  void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  c->shared = memory;
  c->shared->rank[c->rank].device = c->device;
  c->shared->rank[c->rank].pid = getpid();
  atomic_store(&c->shared->magic, MAGIC);
  atomic_fetch_add(&c->shared->joined, 1);
  while (atomic_load(&c->shared->joined) < c->ranks) {
    if (atomic_load(&c->abort)) return SYSTEM_ERROR;
    pause_us(200);
  }
  for (int r = 0; r < c->ranks; r++) {
    if (r != c->rank && c->shared->rank[r].device == c->device && setting("NCCL_MULTI_RANK_GPU_ENABLE", 0) != 1) {
      snprintf(asyncError, sizeof asyncError, "Duplicate GPU detected : rank %d and rank %d both on CUDA device %d",
          c->rank, r, c->device);
      return INVALID_USAGE;
    }
  }
  return OK;
}

static void *joinLater(void *argument) {
  struct ncclComm *c = argument;
  atomic_store(&c->state, join(c));
  return NULL;
}

EXPORT ncclResult_t ncclCommInitRankConfig(
    ncclComm_t *comm, int ranks, ncclUniqueId id, int rank, ncclConfig_t *config) {
  if (!comm || ranks < 1 || ranks > MAX_RANKS || rank < 0 || rank >= ranks)
    return FAIL(INVALID_ARGUMENT, "Invalid rank requested : %d/%d", rank, ranks);
  if (memcmp(id.internal, "FAKE", 4)) return FAIL(INVALID_ARGUMENT, "unique id did not arrive");
  for (int i = 64; i < 128; i++)
    if (id.internal[i] != (char)i) return FAIL(INVALID_ARGUMENT, "byte %d of the unique id did not arrive", i);
  struct ncclComm *c = calloc(1, sizeof *c);
  c->blocking = true;
  if (config) {
    ncclConfig_t given;
    memset(&given, 0, sizeof given);
    size_t size = config->size < sizeof given ? config->size : sizeof given; // shorter structs of older headers pass
    memcpy(&given, config, size);
    if (given.magic != 0xcafebeef) {
      free(c);
      return FAIL(INVALID_ARGUMENT, "ncclConfig_t argument not initialized via NCCL_CONFIG_INITIALIZER");
    }
    if (given.blocking != INT_MIN && given.blocking != 0 && given.blocking != 1) {
      free(c);
      return FAIL(INVALID_ARGUMENT, "Invalid config blocking attribute value %d", given.blocking);
    }
    c->version = (int)given.version;
    c->blocking = given.blocking != 0;
  }
  memcpy(c->name, id.internal + 4, sizeof c->name - 1);
  c->rank = rank;
  c->ranks = ranks;
  c->device = device;
  *comm = c;
  if (c->blocking) {
    ncclResult_t r = join(c);
    if (r) *comm = NULL; // as with the real library there is nothing to abort then
    return r;
  }
  atomic_store(&c->state, IN_PROGRESS);
  c->joining = true;
  pthread_create(&c->joiner, NULL, joinLater, c);
  return IN_PROGRESS;
}
EXPORT ncclResult_t ncclCommInitRank(ncclComm_t *comm, int ranks, ncclUniqueId id, int rank) {
  return ncclCommInitRankConfig(comm, ranks, id, rank, NULL);
}
EXPORT ncclResult_t ncclCommGetAsyncError(ncclComm_t c, ncclResult_t *state) {
  if (!c || !state) return INVALID_ARGUMENT;
  *state = atomic_load(&c->state);
  return OK;
}
EXPORT ncclResult_t ncclCommCount(ncclComm_t c, int *n) { *n = c->ranks; return OK; }
EXPORT ncclResult_t ncclCommUserRank(ncclComm_t c, int *n) { *n = c->rank; return OK; }
EXPORT ncclResult_t ncclCommCuDevice(ncclComm_t c, int *n) { *n = c->device; return OK; }

static void release(struct ncclComm *c) {
  if (c->joining) pthread_join(c->joiner, NULL);
  while (atomic_load(&c->pending)) pause_us(100);
  if (c->shared) {
    if (atomic_fetch_add(&c->shared->left, 1) + 1 == c->ranks) shm_unlink(c->name);
    munmap(c->shared, sizeof(struct shared));
  }
  free(c);
}
EXPORT ncclResult_t ncclCommAbort(ncclComm_t c) {
  if (!c) return OK;
  atomic_store(&c->abort, 1);
  if (due("abort", -1, c->rank, NULL)) while (true) pause_us(100000);
  if (c->shared) shm_unlink(c->name);
  release(c);
  return OK;
}
static void *finalizeLater(void *argument) {
  struct ncclComm *c = argument;
  while (atomic_load(&c->pending)) pause_us(100);
  atomic_store(&c->state, barrier(c));
  return NULL;
}
EXPORT ncclResult_t ncclCommFinalize(ncclComm_t c) {
  if (c->finalized || atomic_load(&c->state) == IN_PROGRESS) return FAIL(INVALID_ARGUMENT, "finalized already, or in progress");
  c->finalized = true;
  if (c->blocking) { finalizeLater(c); return atomic_load(&c->state); }
  if (c->joining) pthread_join(c->joiner, NULL);
  atomic_store(&c->state, IN_PROGRESS);
  c->joining = true;
  pthread_create(&c->joiner, NULL, finalizeLater, c);
  return IN_PROGRESS;
}
EXPORT ncclResult_t ncclCommDestroy(ncclComm_t c) { if (c) release(c); return OK; }

// ---------------------------------------------------------------- collectives

struct collective {
  struct ncclComm *comm;
  struct fakeStream *stream;
  int kind, type, op, root, number;
  const char *send;
  char *receive;
  size_t count;
};

static size_t width(int type) {
  static const size_t widths[] = {1, 1, 4, 4, 8, 8, 2, 4, 8, 2, 1, 1};
  return type >= 0 && type < 12 ? widths[type] : 0;
}
static float bf16(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, 4);
  return value;
}
static uint16_t toBf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
#define COMBINE(a, b, op) ((op) == 1 ? (a) * (b) : (op) == 2 ? ((a) > (b) ? (a) : (b)) : (op) == 3 ? ((a) < (b) ? (a) : (b)) : (a) + (b))
#define REDUCE_AS(T) \
  for (size_t i = 0; i < n; i++) { \
    T sum = ((T *)c->shared->data[0])[i]; \
    for (int r = 1; r < c->ranks; r++) { T x = ((T *)c->shared->data[r])[i]; sum = COMBINE(sum, x, op); } \
    ((T *)to)[i] = op == 4 ? (T)(sum / c->ranks) : sum; \
  }
// As TcpRingProcessGroup sums, bit for bit: part p of all values begins with rank p and goes upward round the ring.
static void reduceFloats(struct ncclComm *c, float *to, size_t first, size_t n, size_t total, int op) {
  size_t ranks = (size_t)c->ranks, part = 0;
  for (size_t i = 0; i < n; i++) {
    while (part + 1 < ranks && total * (part + 1) / ranks <= first + i) part++;
    float sum = ((float *)c->shared->data[part])[i];
    for (size_t k = 1; k < ranks; k++) {
      float x = ((float *)c->shared->data[(part + k) % ranks])[i];
      sum = COMBINE(sum, x, op);
    }
    to[i] = op == 4 ? sum / (float)ranks : sum;
  }
}
// Values first to first + n of total.
static bool reduceSlots(struct ncclComm *c, char *to, size_t first, size_t n, size_t total, int type, int op) {
  switch (type) {
    case 0: REDUCE_AS(int8_t) return true;
    case 1: REDUCE_AS(uint8_t) return true;
    case 2: REDUCE_AS(int32_t) return true;
    case 3: REDUCE_AS(uint32_t) return true;
    case 4: REDUCE_AS(int64_t) return true;
    case 5: REDUCE_AS(uint64_t) return true;
    case 7: reduceFloats(c, (float *)to, first, n, total, op); return true;
    case 8: REDUCE_AS(double) return true;
    case 9:
      for (size_t i = 0; i < n; i++) {
        float sum = bf16(((uint16_t *)c->shared->data[0])[i]);
        for (int r = 1; r < c->ranks; r++) { float x = bf16(((uint16_t *)c->shared->data[r])[i]); sum = COMBINE(sum, x, op); }
        ((uint16_t *)to)[i] = toBf16(op == 4 ? sum / (float)c->ranks : sum);
      }
      return true;
    default: return false; // fp16 and fp8: nobody needs them here
  }
}

static ncclResult_t agree(struct ncclComm *c, struct collective *o) {
  struct shared *s = c->shared;
  s->rank[c->rank].kind = o->kind;
  s->rank[c->rank].count = o->count;
  s->rank[c->rank].type = o->type;
  s->rank[c->rank].op = o->op;
  s->rank[c->rank].root = o->root;
  ncclResult_t r = barrier(c);
  if (r) return r;
  for (int i = 0; i < c->ranks; i++) {
    if (s->rank[i].kind != o->kind || s->rank[i].count != o->count || s->rank[i].type != o->type
        || s->rank[i].op != o->op || s->rank[i].root != o->root) {
      snprintf(asyncError, sizeof asyncError,
          "collective %d: rank %d calls %d of %zu values, rank %d calls %d of %zu; the real library would hang",
          o->number, c->rank, o->kind, o->count, i, s->rank[i].kind, s->rank[i].count);
      r = INVALID_USAGE;
    }
  }
  ncclResult_t after = barrier(c);
  return r ? r : after;
}

static ncclResult_t perform(struct collective *o) {
  struct ncclComm *c = o->comm;
  int value = 0;
  if (due("die", o->number, c->rank, NULL)) _exit(137);
  if (due("hang", o->number, c->rank, NULL)) { forever(c); return SYSTEM_ERROR; }
  if (due("slow", o->number, c->rank, &value)) pause_us(1000L * value);
  if (due("error", o->number, c->rank, &value)) {
    snprintf(asyncError, sizeof asyncError, "injected at collective %d", o->number);
    atomic_store(&c->state, value);
    forever(c); // the kernel spins until it is aborted
    return value;
  }
  if (due("cuda", o->number, c->rank, &value)) {
    atomic_store(&dead[c->device], value);
    forever(c);
    return CUDA_ERROR;
  }
  ncclResult_t r = agree(c, o);
  size_t bytes = width(o->type), perSlot = SLOT / bytes;
  size_t total = o->kind == REDUCE_SCATTER ? o->count * (size_t)c->ranks : o->count;
  for (size_t from = 0; !r && from < total; from += perSlot) {
    size_t n = total - from < perSlot ? total - from : perSlot;
    if (o->kind != BROADCAST || c->rank == o->root) memcpy(c->shared->data[c->rank], o->send + from * bytes, n * bytes);
    if ((r = barrier(c))) break;
    switch (o->kind) {
      case ALL_REDUCE: reduceSlots(c, o->receive + from * bytes, from, n, total, o->type, o->op); break;
      case REDUCE: if (c->rank == o->root) reduceSlots(c, o->receive + from * bytes, from, n, total, o->type, o->op); break;
      case BROADCAST: memcpy(o->receive + from * bytes, c->shared->data[o->root], n * bytes); break;
      case ALL_GATHER:
        for (int i = 0; i < c->ranks; i++)
          memcpy(o->receive + ((size_t)i * o->count + from) * bytes, c->shared->data[i], n * bytes);
        break;
      case REDUCE_SCATTER: {
        static _Thread_local char whole[SLOT];
        reduceSlots(c, whole, from, n, total, o->type, o->op);
        size_t mine = (size_t)c->rank * o->count, end = mine + o->count;
        size_t a = from > mine ? from : mine, b = from + n < end ? from + n : end;
        if (a < b) memcpy(o->receive + (a - mine) * bytes, whole + (a - from) * bytes, (b - a) * bytes);
        break;
      }
    }
    r = barrier(c);
  }
  return r;
}

static void runCollective(void *argument) {
  struct collective *o = argument;
  struct ncclComm *c = o->comm;
  ncclResult_t r = perform(o);
  if (r) {
    if (!atomic_load(&c->abort)) atomic_store(&c->state, r);
    if (!atomic_load(&c->abort)) forever(c); // as a kernel that waits for data that never comes
  }
  atomic_fetch_sub(&c->pending, 1);
  free(o);
}

static void *connectThenRun(void *argument) {
  struct collective *o = argument;
  int milliseconds = 20;
  due("connect", -1, o->comm->rank, &milliseconds);
  if (!o->comm->connected) pause_us(1000L * milliseconds);
  o->comm->connected = true;
  atomic_fetch_add(&o->comm->pending, 1);
  struct ncclComm *c = o->comm;
  enqueue(o->stream, runCollective, o); // only now is anything on the stream
  int before = IN_PROGRESS;
  atomic_compare_exchange_strong(&c->state, &before, OK); // it may have failed already
  return NULL;
}

static __thread int groupDepth;
static __thread struct collective *group[1024];
static __thread int grouped;

static ncclResult_t launch(struct collective *o) {
  struct ncclComm *c = o->comm;
  if (c->blocking) {
    atomic_fetch_add(&c->pending, 1);
    enqueue(o->stream, runCollective, o);
    return OK;
  }
  if (c->joining) pthread_join(c->joiner, NULL);
  atomic_store(&c->state, IN_PROGRESS);
  c->joining = true;
  pthread_create(&c->joiner, NULL, connectThenRun, o);
  return IN_PROGRESS;
}

EXPORT ncclResult_t ncclGroupStart(void) { groupDepth++; return OK; }
EXPORT ncclResult_t ncclGroupEnd(void) {
  if (groupDepth == 0) return FAIL(INVALID_USAGE, "ncclGroupEnd: not in a group call.");
  if (--groupDepth > 0) return OK;
  ncclResult_t result = OK;
  for (int i = 0; i < grouped; i++) {
    ncclResult_t r = launch(group[i]);
    while (r == IN_PROGRESS && i + 1 < grouped && atomic_load(&group[i]->comm->state) == IN_PROGRESS) pause_us(100);
    if (r) result = r;
  }
  grouped = 0;
  return result;
}

static ncclResult_t collect(int kind, const void *send, void *receive, size_t count, int type, int op, int root,
    ncclComm_t c, cudaStream_t stream) {
  lastError[0] = 0;
  if (!c) return FAIL(INVALID_ARGUMENT, "comm argument is NULL");
  int state = atomic_load(&c->state);
  if (state == IN_PROGRESS)
    return FAIL(INVALID_ARGUMENT, "Attempt to use communicator before the previous operation returned ncclSuccess");
  if (state) return state;
  if (!send || !receive) return FAIL(INVALID_ARGUMENT, "buffer argument is NULL");
  if (!width(type) || op < 0 || op > 4 || root < 0 || root >= c->ranks)
    return FAIL(INVALID_ARGUMENT, "invalid type %d, operation %d or root %d", type, op, root);
  struct fakeStream *s = resolve(stream);
  if (s->device != c->device) return FAIL(CUDA_ERROR, "Cuda failure 400 'invalid resource handle'");
  int number = ++c->collectives, value = 0;
  if (due("call", number, c->rank, &value)) {
    atomic_store(&c->state, value);
    return FAIL(value, "injected at collective %d", number);
  }
  struct collective *o = malloc(sizeof *o);
  *o = (struct collective){c, s, kind, type, op, root, number, send, receive, count};
  if (groupDepth > 0) {
    group[grouped++] = o;
    return OK;
  }
  return launch(o);
}

EXPORT ncclResult_t ncclAllReduce(const void *send, void *receive, size_t count, ncclDataType_t type, ncclRedOp_t op,
    ncclComm_t c, cudaStream_t s) { return collect(ALL_REDUCE, send, receive, count, type, op, 0, c, s); }
EXPORT ncclResult_t ncclBroadcast(const void *send, void *receive, size_t count, ncclDataType_t type, int root,
    ncclComm_t c, cudaStream_t s) { return collect(BROADCAST, send, receive, count, type, 0, root, c, s); }
EXPORT ncclResult_t ncclReduce(const void *send, void *receive, size_t count, ncclDataType_t type, ncclRedOp_t op,
    int root, ncclComm_t c, cudaStream_t s) { return collect(REDUCE, send, receive, count, type, op, root, c, s); }
EXPORT ncclResult_t ncclReduceScatter(const void *send, void *receive, size_t perRank, ncclDataType_t type,
    ncclRedOp_t op, ncclComm_t c, cudaStream_t s) {
  return collect(REDUCE_SCATTER, send, receive, perRank, type, op, 0, c, s);
}
EXPORT ncclResult_t ncclAllGather(const void *send, void *receive, size_t perRank, ncclDataType_t type, ncclComm_t c,
    cudaStream_t s) { return collect(ALL_GATHER, send, receive, perRank, type, 0, 0, c, s); }
