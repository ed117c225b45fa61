#pragma once
// Something that serves beside the runs, in a thread of its own, while this daemon holds the lease.

#include <memory>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/lease.hpp"

namespace dvsync::service {

class Component {
 public:
  virtual ~Component() = default;

  // This daemon works now, with this configuration. `lease` is shared with the runs and lives until stop() has
  // returned. Called from the worker, never while started; must not block longer than a connection's own limit, and
  // must not throw: what cannot be reached is tried again by the component itself.
  virtual void start(std::shared_ptr<const config::Configuration> configuration, store::Lease& lease) = 0;

  // Another dvsync takes its turn, the configuration is about to change, or the daemon leaves. Returns once the
  // component touches neither lease nor configuration any more. Called after start(), from the worker.
  virtual void stop() = 0;
};

}  // namespace dvsync::service
