// One visitor of a variant, made of a lambda for each alternative. An alternative without one is a compile
// error.
#pragma once

namespace loopgate {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace loopgate
