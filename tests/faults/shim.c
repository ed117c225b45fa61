// Loaded before everything else (LD_PRELOAD), it makes one call of a function fail: fault_injection.py says which.
//
//   DVSYNC_FAULT=FUNCTION@STACK:N:OUTCOME   the Nth call with this call stack since main() began
//   DVSYNC_FAULT_STACKS=1                   instead: every call stack is written down, and how often it called
//   DVSYNC_FAULT_REPORT=FILE                takes a line for what was injected, with where from, or for every stack
//
// OUTCOME is the errno of a call that answers -1, or else what the call answers; of who answers with a pointer: nothing.

#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <ldap.h>
#include <libpq-fe.h>
#include <link.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

// A stack is the function and its fifteen callers; of malloc, whom nearly everybody calls, its seven nearest ones.
enum { skipped_frames = 3, most_frames = 16, frames_of_malloc = 8, most_modules = 128, stack_table_size = 1 << 17 };

static char wanted_name[64];
static long wanted_call;
static uint64_t wanted_stack;
static int outcome;
static int recording;
static int report_file = -1;
static atomic_bool active;
static atomic_bool injected;
static atomic_long calls_with_stack;
static _Thread_local int busy;

// A function that can fail.
struct point {
  const char* name;
  atomic_int chosen;  // 0: nobody has looked yet; 1: not this one; 2: this one
  int frames;         // that tell one of its calls from another
};

// --- where a call comes from, the same in every run ---

static struct {
  uintptr_t begin, end;
  const char* name;
} modules[most_modules];
static int module_count;

static int add_module(struct dl_phdr_info* info, size_t size, void* unused) {
  (void)size, (void)unused;
  if (module_count == most_modules) return 1;
  uintptr_t end = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* part = &info->dlpi_phdr[i];
    if (part->p_type == PT_LOAD && part->p_vaddr + part->p_memsz > end) end = part->p_vaddr + part->p_memsz;
  }
  modules[module_count].begin = info->dlpi_addr;
  modules[module_count].name = info->dlpi_name;
  modules[module_count++].end = info->dlpi_addr + end;
  return 0;
}

__attribute__((noinline)) static int call_stack(void** frames, int most) {
  return backtrace(frames, skipped_frames + most);
}

// The place within its library, which lies elsewhere in every run.
static uint64_t place_of(void* frame) {
  const uintptr_t address = (uintptr_t)frame;
  for (int i = 0; i < module_count; ++i) {
    if (address >= modules[i].begin && address < modules[i].end) return ((uint64_t)(i + 1) << 40) + (address - modules[i].begin);
  }
  return 0;
}

static uint64_t hash_of_stack(void** frames, int count) {
  uint64_t hash = 14695981039346656037ULL;
  for (int i = skipped_frames; i < count; ++i) hash = (hash ^ place_of(frames[i])) * 1099511628211ULL;
  return hash | 1;
}

// --- the report: by system calls alone, because everything else may be what is to fail ---

static void say(const char* text, size_t size) {
  if (report_file >= 0) syscall(SYS_write, report_file, text, size);
}

static char* append_hex(char* at, uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[number >> shift & 15];
  return at;
}

static char* append(char* at, const char* text) {
  while (*text != '\0') *at++ = *text++;
  return at;
}

__attribute__((noinline)) static void report_injection(const char* name) {
  void* frames[skipped_frames + most_frames];
  const int count = call_stack(frames, most_frames);
  char line[1024];
  char* at = append(append(line, "injected "), name);
  for (int i = skipped_frames; i < count; ++i) at = append_hex(append(at, " "), place_of(frames[i]));
  *at++ = '\n';
  say(line, (size_t)(at - line));
  for (int i = 1; i < module_count; ++i) {
    if (strlen(modules[i].name) > sizeof line - 64) continue;
    at = append(append_hex(append(line, "module "), (uint64_t)(i + 1)), " ");
    at = append(append(at, modules[i].name), "\n");
    say(line, (size_t)(at - line));
  }
}

static struct {
  _Atomic uint64_t stack;
  const struct point* point;
  atomic_long calls;
} seen[stack_table_size];

static void record_stack(const struct point* point, uint64_t stack) {
  for (size_t i = 0; i < stack_table_size; ++i) {
    const size_t at = (stack + i) % stack_table_size;
    uint64_t there = 0;
    if (!atomic_compare_exchange_strong(&seen[at].stack, &there, stack) && there != stack) continue;
    seen[at].point = point;
    ++seen[at].calls;
    return;
  }
}

static void report_stacks(void) {
  char line[128];
  for (size_t i = 0; i < stack_table_size; ++i) {
    if (seen[i].calls == 0) continue;
    char* at = append(append(append(line, "stack "), seen[i].point->name), " ");
    at = append_hex(append(append_hex(at, seen[i].stack), " "), (uint64_t)seen[i].calls);
    *at++ = '\n';
    say(line, (size_t)(at - line));
  }
}

// --- which call it is ---

static int is_wanted(struct point* point) {
  int chosen = atomic_load_explicit(&point->chosen, memory_order_relaxed);
  if (chosen == 0) point->chosen = chosen = strcmp(point->name, wanted_name) == 0 ? 2 : 1;
  return chosen == 2;
}

__attribute__((noinline)) static int is_due_here(struct point* point) {
  void* frames[skipped_frames + most_frames];
  const uint64_t stack = hash_of_stack(frames, call_stack(frames, point->frames));
  if (recording) record_stack(point, stack);
  if (!is_wanted(point) || stack != wanted_stack || ++calls_with_stack != wanted_call) return 0;
  return !atomic_exchange(&injected, 1);
}

__attribute__((noinline)) static int due(struct point* point) {
  if (!atomic_load_explicit(&active, memory_order_relaxed) || busy) return 0;
  if (!recording && !is_wanted(point)) return 0;
  busy = 1;
  const int is_due = is_due_here(point);
  if (is_due) report_injection(point->name);
  busy = 0;
  return is_due;
}

static int failed(void) {
  if (outcome == 0) return 0;
  errno = outcome;
  return -1;
}

// --- setting up ---

static void read_wishes(void) {
  const char* text = getenv("DVSYNC_FAULT");
  const char* stack = text == NULL ? NULL : strchr(text, '@');
  if (stack != NULL && (size_t)(stack - text) < sizeof wanted_name) {
    memcpy(wanted_name, text, (size_t)(stack - text));
    char* rest = NULL;
    wanted_stack = strtoull(stack + 1, &rest, 16);
    if (*rest == ':') wanted_call = strtol(rest + 1, &rest, 10);
    if (*rest == ':') outcome = (int)strtol(rest + 1, NULL, 10);
  }
  recording = getenv("DVSYNC_FAULT_STACKS") != NULL;
}

typedef int main_function(int, char**, char**);
static main_function* real_main;

// Calls are counted from here on: what libraries do before is not the program's.
static int counted_main(int argc, char** argv, char** environment) {
  void* frames[4];
  backtrace(frames, 4);  // the first one loads what it needs
  dl_iterate_phdr(add_module, NULL);
  read_wishes();
  const char* report = getenv("DVSYNC_FAULT_REPORT");
  if (report != NULL) {
    const int opened = (int)syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    report_file = (int)syscall(SYS_fcntl, opened, F_DUPFD_CLOEXEC, 200);
    syscall(SYS_close, opened);
  }
  active = 1;
  const int code = real_main(argc, argv, environment);
  report_stacks();
  return code;
}

int __libc_start_main(main_function* main, int argc, char** argv, void (*init)(void), void (*fini)(void), void (*end)(void),
                      void* stack) {
  int (*real)(main_function*, int, char**, void (*)(void), void (*)(void), void (*)(void), void*);
  *(void**)&real = dlsym(RTLD_NEXT, "__libc_start_main");
  real_main = main;
  return real(counted_main, argc, argv, init, fini, end, stack);
}

#define REAL(name)             \
  static void* real = NULL;    \
  if (real == NULL) real = dlsym(RTLD_NEXT, #name)

#define DUE(name)                                      \
  static struct point point = {#name, 0, most_frames}; \
  const int is_due = due(&point)

// A function, what it answers in the bad case, and how to call the real one.
#define CAN_FAIL(type, name, parameters, arguments, failure)  \
  type name parameters {                                      \
    DUE(name);                                                \
    if (is_due) return failure;                               \
    REAL(name);                                               \
    return ((type(*) parameters)real)arguments;               \
  }

// --- memory ---

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

static struct point memory = {"malloc", 0, frames_of_malloc};

static void* no_memory(void) {
  errno = ENOMEM;
  return NULL;
}

void* malloc(size_t size) { return due(&memory) ? no_memory() : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return due(&memory) ? no_memory() : __libc_calloc(count, size); }
void* realloc(void* old, size_t size) {
  return size > 0 && due(&memory) ? no_memory() : __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) { return due(&memory) ? no_memory() : __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** made, size_t alignment, size_t size) {
  void* const memory_block = memalign(alignment, size);
  if (memory_block == NULL) return ENOMEM;
  *made = memory_block;
  return 0;
}

// --- the system ---

CAN_FAIL(ssize_t, pread, (int file, void* to, size_t size, off_t at), (file, to, size, at), failed())
// What wakes a thread: an eventfd fails by an overflow alone, and a pipe between two threads when it is full or empty, of
// which its two ends know. Nobody here comes near either.
static int wakes_a_thread(int file) {
  const int standard_stream = file <= STDERR_FILENO;
  char path[64];
  char name[32] = "";
  char digits[16];
  size_t count = 0;
  do digits[count++] = (char)('0' + file % 10);
  while ((file /= 10) > 0 && count < sizeof digits);
  char* at = append(path, "/proc/self/fd/");
  while (count > 0) *at++ = digits[--count];
  *at = '\0';
  syscall(SYS_readlink, path, name, sizeof name - 1);
  return strcmp(name, "anon_inode:[eventfd]") == 0 || (!standard_stream && strncmp(name, "pipe:", 5) == 0);
}

ssize_t read(int file, void* to, size_t size) {
  REAL(read);
  ssize_t (*const real_read)(int, void*, size_t) = (ssize_t(*)(int, void*, size_t))real;
  if (wakes_a_thread(file)) return real_read(file, to, size);
  DUE(read);
  return is_due ? failed() : real_read(file, to, size);
}

ssize_t write(int file, const void* from, size_t size) {
  REAL(write);
  ssize_t (*const real_write)(int, const void*, size_t) = (ssize_t(*)(int, const void*, size_t))real;
  if (wakes_a_thread(file)) return real_write(file, from, size);
  DUE(write);
  return is_due ? failed() : real_write(file, from, size);
}
// A connection that broke stays broken.
static int lost(int socket) {
  if (outcome != EINTR) syscall(SYS_shutdown, socket, SHUT_RDWR);
  return failed();
}
CAN_FAIL(ssize_t, send, (int socket, const void* from, size_t size, int flags), (socket, from, size, flags), lost(socket))
CAN_FAIL(ssize_t, recv, (int socket, void* to, size_t size, int flags), (socket, to, size, flags), lost(socket))
CAN_FAIL(int, poll, (struct pollfd * files, nfds_t count, int timeout), (files, count, timeout), failed())
CAN_FAIL(int, socket, (int domain, int type, int protocol), (domain, type, protocol), failed())
CAN_FAIL(int, connect, (int socket, const struct sockaddr* to, socklen_t size), (socket, to, size), failed())
CAN_FAIL(int, fsync, (int file), (file), failed())
CAN_FAIL(int, rename, (const char* from, const char* to), (from, to), failed())
CAN_FAIL(int, unlink, (const char* path), (path), failed())
CAN_FAIL(int, eventfd, (unsigned int count, int flags), (count, flags), failed())
CAN_FAIL(int, epoll_create1, (int flags), (flags), failed())
CAN_FAIL(int, epoll_create, (int size), (size), failed())
// Of what is in the set already the kernel changes what is waited for, and takes no memory for that.
int epoll_ctl(int set, int what, int file, struct epoll_event* event) {
  REAL(epoll_ctl);
  int (*const real_epoll_ctl)(int, int, int, struct epoll_event*) = (int (*)(int, int, int, struct epoll_event*))real;
  if (what != EPOLL_CTL_ADD) return real_epoll_ctl(set, what, file, event);
  DUE(epoll_ctl);
  return is_due ? failed() : real_epoll_ctl(set, what, file, event);
}
CAN_FAIL(int, epoll_wait, (int set, struct epoll_event* events, int most, int timeout), (set, events, most, timeout), failed())
CAN_FAIL(int, timerfd_create, (clockid_t clock, int flags), (clock, flags), failed())
CAN_FAIL(int, timerfd_settime, (int timer, int flags, const struct itimerspec* to, struct itimerspec* before),
         (timer, flags, to, before), failed())
CAN_FAIL(int, pipe, (int ends[2]), (ends), failed())
CAN_FAIL(int, pipe2, (int ends[2], int flags), (ends, flags), failed())
CAN_FAIL(int, stat, (const char* path, struct stat* answer), (path, answer), failed())
CAN_FAIL(int, fstat, (int file, struct stat* answer), (file, answer), failed())
CAN_FAIL(int, fchmod, (int file, mode_t mode), (file, mode), failed())
CAN_FAIL(FILE*, fopen, (const char* path, const char* mode), (path, mode), (failed(), NULL))
CAN_FAIL(FILE*, fopen64, (const char* path, const char* mode), (path, mode), (failed(), NULL))
// The stream remembers it, which is what fflush() and ferror() tell.
static size_t not_written(FILE* to) {
  to->_flags |= _IO_ERR_SEEN;
  failed();
  return 0;
}
CAN_FAIL(size_t, fwrite, (const void* from, size_t size, size_t count, FILE* to), (from, size, count, to), not_written(to))
CAN_FAIL(int, fflush, (FILE * file), (file), (failed(), EOF))
CAN_FAIL(int, getaddrinfo, (const char* host, const char* service, const struct addrinfo* hints, struct addrinfo** found),
         (host, service, hints, found), outcome)
CAN_FAIL(int, pthread_create, (pthread_t * thread, const pthread_attr_t* how, void* (*work)(void*), void* with),
         (thread, how, work, with), outcome)

#define OPENS(name)                                                  \
  int name(const char* path, int flags, ...) {                       \
    va_list more;                                                    \
    va_start(more, flags);                                           \
    const mode_t mode = (mode_t)va_arg(more, unsigned int);          \
    va_end(more);                                                    \
    DUE(name);                                                       \
    if (is_due) return failed();                                     \
    REAL(name);                                                      \
    return ((int (*)(const char*, int, ...))real)(path, flags, mode); \
  }
OPENS(open)
OPENS(open64)

#define CONTROLS_FILE(name)                                \
  int name(int file, int what, ...) {                      \
    va_list more;                                          \
    va_start(more, what);                                  \
    void* const argument = va_arg(more, void*);            \
    va_end(more);                                          \
    DUE(name);                                             \
    if (is_due) return failed();                           \
    REAL(name);                                            \
    return ((int (*)(int, int, ...))real)(file, what, argument); \
  }
CONTROLS_FILE(fcntl)
CONTROLS_FILE(fcntl64)

// --- libpq ---

// What libpq itself answers with when something is wrong on our side of the connection: never without a message, which a
// statement that cannot be sent leaves here. libpqxx takes an error that says nothing for an answer without rows.
static PGresult* refused(PGconn* connection) {
  PQsendQueryParams(connection, NULL, 0, NULL, NULL, NULL, NULL, 0);
  return PQmakeEmptyPGresult(connection, PGRES_FATAL_ERROR);
}

CAN_FAIL(PGconn*, PQconnectdbParams, (const char* const* keywords, const char* const* values, int expand),
         (keywords, values, expand), NULL)
CAN_FAIL(PGresult*, PQexec, (PGconn * connection, const char* sql), (connection, sql), NULL)
CAN_FAIL(PGresult*, PQexecParams,
         (PGconn * connection, const char* sql, int count, const Oid* types, const char* const* values, const int* lengths,
          const int* formats, int format),
         (connection, sql, count, types, values, lengths, formats, format), NULL)
CAN_FAIL(PGresult*, PQgetResult, (PGconn * connection), (connection), refused(connection))
CAN_FAIL(int, PQgetCopyData, (PGconn * connection, char** row, int async), (connection, row, async), (*row = NULL, -2))
CAN_FAIL(int, PQputCopyData, (PGconn * connection, const char* from, int size), (connection, from, size), -1)
CAN_FAIL(int, PQputCopyEnd, (PGconn * connection, const char* why), (connection, why), -1)
CAN_FAIL(int, PQconsumeInput, (PGconn * connection), (connection), 0)
CAN_FAIL(int, PQsendQuery, (PGconn * connection, const char* sql), (connection, sql), 0)
CAN_FAIL(PGcancel*, PQgetCancel, (PGconn * connection), (connection), NULL)
CAN_FAIL(int, PQcancel, (PGcancel * cancel, char* why, int size), (cancel, why, size), (size > 0 ? (*why = '\0') : 0, 0))
CAN_FAIL(int, PQsocket, (const PGconn* connection), (connection), -1)
CAN_FAIL(const char*, PQparameterStatus, (const PGconn* connection, const char* name), (connection, name), NULL)
CAN_FAIL(char*, PQresultErrorField, (const PGresult* answer, int code), (answer, code), NULL)
CAN_FAIL(char*, PQescapeIdentifier, (PGconn * connection, const char* text, size_t size), (connection, text, size), NULL)
CAN_FAIL(size_t, PQescapeStringConn, (PGconn * connection, char* to, const char* from, size_t size, int* error),
         (connection, to, from, size, error), (*error = 1, *to = '\0', 0))
CAN_FAIL(PQconninfoOption*, PQconninfoParse, (const char* text, char** error), (text, error), (error != NULL ? (*error = NULL) : NULL, NULL))
CAN_FAIL(PQconninfoOption*, PQconndefaults, (void), (), NULL)

// --- libcurl ---

#undef curl_easy_setopt
#undef curl_easy_getinfo

CAN_FAIL(CURLcode, curl_global_init, (long flags), (flags), (CURLcode)outcome)
CAN_FAIL(CURL*, curl_easy_init, (void), (), NULL)
CAN_FAIL(CURLcode, curl_easy_perform, (CURL * handle), (handle), (CURLcode)outcome)
CAN_FAIL(struct curl_slist*, curl_slist_append, (struct curl_slist * list, const char* text), (list, text), NULL)

#define TAKES_ONE_MORE(name, option_type)                             \
  CURLcode name(CURL* handle, option_type option, ...) {              \
    va_list more;                                                     \
    va_start(more, option);                                           \
    void* const argument = va_arg(more, void*);                       \
    va_end(more);                                                     \
    DUE(name);                                                        \
    if (is_due) return (CURLcode)outcome;                             \
    REAL(name);                                                       \
    return ((CURLcode(*)(CURL*, option_type, ...))real)(handle, option, argument); \
  }
TAKES_ONE_MORE(curl_easy_setopt, CURLoption)
TAKES_ONE_MORE(curl_easy_getinfo, CURLINFO)

// --- libldap ---

CAN_FAIL(int, ldap_initialize, (LDAP * *handle, const char* url), (handle, url), outcome)
CAN_FAIL(int, ldap_connect, (LDAP * handle), (handle), outcome)
CAN_FAIL(int, ldap_set_option, (LDAP * handle, int option, const void* value), (handle, option, value), outcome)
CAN_FAIL(int, ldap_get_option, (LDAP * handle, int option, void* value), (handle, option, value), outcome)
CAN_FAIL(int, ldap_start_tls_s, (LDAP * handle, LDAPControl** server, LDAPControl** client), (handle, server, client), outcome)
CAN_FAIL(int, ldap_sasl_bind,
         (LDAP * handle, const char* dn, const char* mechanism, struct berval* password, LDAPControl** server,
          LDAPControl** client, int* message),
         (handle, dn, mechanism, password, server, client, message), outcome)
CAN_FAIL(int, ldap_search_ext,
         (LDAP * handle, const char* base, int scope, const char* filter, char** attributes, int types_only, LDAPControl** server,
          LDAPControl** client, struct timeval* timeout, int size_limit, int* message),
         (handle, base, scope, filter, attributes, types_only, server, client, timeout, size_limit, message), outcome)
CAN_FAIL(int, ldap_result, (LDAP * handle, int message, int all, struct timeval* timeout, LDAPMessage** answer),
         (handle, message, all, timeout, answer), (*answer = NULL, outcome))
CAN_FAIL(int, ldap_parse_result,
         (LDAP * handle, LDAPMessage* answer, int* code, char** matched, char** text, char*** referrals, LDAPControl*** controls,
          int free_it),
         (handle, answer, code, matched, text, referrals, controls, free_it), outcome)
CAN_FAIL(int, ldap_parse_intermediate,
         (LDAP * handle, LDAPMessage* answer, char** oid, struct berval** data, LDAPControl*** controls, int free_it),
         (handle, answer, oid, data, controls, free_it), outcome)
CAN_FAIL(int, ldap_get_entry_controls, (LDAP * handle, LDAPMessage* entry, LDAPControl*** controls), (handle, entry, controls),
         outcome)
CAN_FAIL(int, ldap_get_dn_ber, (LDAP * handle, LDAPMessage* entry, BerElement** reader, struct berval* dn),
         (handle, entry, reader, dn), outcome)
CAN_FAIL(int, ldap_get_attribute_ber,
         (LDAP * handle, LDAPMessage* entry, BerElement* reader, struct berval* name, struct berval** values),
         (handle, entry, reader, name, values), outcome)
CAN_FAIL(int, ldap_abandon_ext, (LDAP * handle, int message, LDAPControl** server, LDAPControl** client),
         (handle, message, server, client), outcome)
CAN_FAIL(BerElement*, ber_init, (struct berval * value), (value), NULL)
CAN_FAIL(BerElement*, ber_alloc_t, (int options), (options), NULL)
CAN_FAIL(int, ber_flatten2, (BerElement * element, struct berval* value, int copy), (element, value, copy), -1)
