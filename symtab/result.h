// SPDX-License-Identifier: GPL-2.0-only
// How a function of the C++ side reports failure: a value or an Error, never an exception across a library
// boundary.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace umc {

struct Error {
    int err = 0;          // positive errno; what the insmod family turns into its message and exit status
    std::string message;  // one line for a person, no trailing newline; may be empty when err says it all
};

template <typename T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(int err, std::string message = {}) {
    return tl::unexpected<Error>(Error{err, std::move(message)});
}

}  // namespace umc
