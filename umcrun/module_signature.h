// SPDX-License-Identifier: GPL-2.0-only
// The signature appended to a module file, as modinfo(8) shows it. It is read, not verified.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace umc::cli {

struct ModuleSignature {
    std::string id_type;               // "PKCS#7"
    std::string signer;                // the issuer's common name
    std::vector<std::uint8_t> key_id;  // the certificate's serial number
    std::string hash_algorithm;
    std::vector<std::uint8_t> signature;
};

// The file's bytes, or any tail of them that holds the whole signature. Nothing when there is none that can
// be read.
std::optional<ModuleSignature> read_signature(std::span<const std::uint8_t> file);

// "01:AB:..." with kmod's line breaks after every 20 bytes.
std::string format_hex(std::span<const std::uint8_t> bytes);

}  // namespace umc::cli
