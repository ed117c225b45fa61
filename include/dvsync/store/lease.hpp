#pragma once
// The lease: who works. It lives in the mirror's database, has a session of its own, and is renewed by a thread of its
// own. Taking it raises the fence, which every writing transaction checks: one who wakes up late cannot write.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "dvsync/core/guid.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Who holds the lease now, for people who wait: "db1, pid 4711, dvsync run".
struct LeaseHolder {
  std::string name;
  std::int64_t seconds_left = 0;
};

class Lease {
 public:
  static constexpr std::chrono::seconds default_duration{30};

  // Takes the lease if it is free: nobody holds it, its holder's session is gone, or it has expired (by the server's
  // clock). nullptr: somebody works; `holder` then says who. Throws StoreError.
  static std::unique_ptr<Lease> try_take(const std::string& conninfo, const std::string& schema,
                                         const std::string& name, std::chrono::seconds duration, LeaseHolder& holder);
  ~Lease();  // gives it back
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] std::int64_t fence() const { return fence_; }
  [[nodiscard]] bool lost() const { return lost_; }
  // What the sessions call themselves that write under this lease.
  [[nodiscard]] std::string worker_name() const { return "dvsync run " + holder_; }

  // Locks the lease row in `transaction`'s session (the mirror's database) and throws StoreError fenced if it is
  // somebody else's by now. To be called first in every transaction that writes to the mirror.
  void assert_held(Connection& mirror) const;

  // Raises the fence above one found in an environment (a mirror restored from a backup starts lower).
  void raise_above(std::int64_t fence);

 private:
  Lease(std::unique_ptr<Connection> session, std::string conninfo, std::string schema, std::chrono::seconds duration,
        std::string holder, std::int64_t fence);
  void keep_renewing(const std::stop_token& stop);
  void renew();
  Connection& session();  // a new one where the one before broke

  std::stop_source leaving_;  // who leaves does not wait for a server that is silent; what takes a moment is still done
  std::unique_ptr<Connection> session_;
  std::string conninfo_;
  std::string schema_;
  std::chrono::seconds duration_;
  std::string holder_;
  std::atomic<std::int64_t> fence_;
  std::atomic<bool> lost_ = false;
  std::mutex mutex_;  // guards session_ between the thread and raise_above
  std::condition_variable_any wake_;
  std::jthread thread_;
};

// Ends the sessions of earlier holders that are still at work in this session's schema: paused or cut off in a
// transaction, they would keep us waiting, and finish their work once they wake. Nobody but the holder calls this.
void evict_earlier_workers(Connection& connection, const std::string& worker_name);

}  // namespace dvsync::store
