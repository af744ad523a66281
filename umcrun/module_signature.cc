// SPDX-License-Identifier: GPL-2.0-only
// Just enough of DER to find the first signer of a PKCS#7 message.
#include "umcrun/module_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace umc::cli {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::string_view kMarker = "~Module signature appended~\n";
constexpr std::size_t kTrailerSize = 12;  // the kernel's struct module_signature
constexpr std::uint8_t kIdPkcs7 = 2;

enum Tag : std::uint8_t {
    kInteger = 0x02,
    kOctetString = 0x04,
    kObjectId = 0x06,
    kSequence = 0x30,
    kSet = 0x31,
    kContext0 = 0xa0,
    kContext1 = 0xa1,
};

struct Element {
    std::uint8_t tag = 0;
    Bytes content;
};

// Reads the elements of a DER value one after the other. Once anything is wrong, everything is absent.
class DerReader {
 public:
    explicit DerReader(Bytes bytes) : rest_(bytes) {}

    std::optional<Element> next() {
        if (rest_.size() < 2 || (rest_[0] & 0x1f) == 0x1f) return stop();
        const std::uint8_t tag = rest_[0];
        std::size_t length = rest_[1], header = 2;
        if (length & 0x80) {
            const std::size_t count = length & 0x7f;
            if (count == 0 || count > 4 || rest_.size() < 2 + count) return stop();
            length = 0;
            for (std::size_t i = 0; i < count; ++i) length = length << 8 | rest_[2 + i];
            header += count;
        }
        if (rest_.size() - header < length) return stop();
        Element element{tag, rest_.subspan(header, length)};
        rest_ = rest_.subspan(header + length);
        return element;
    }

    // The next element if it has this tag, its content; empty otherwise.
    DerReader enter(std::uint8_t tag) { return DerReader(content(tag)); }
    Bytes content(std::uint8_t tag) {
        auto element = next();
        return element && element->tag == tag ? element->content : Bytes{};
    }
    bool at(std::uint8_t tag) const { return !rest_.empty() && rest_[0] == tag; }

 private:
    std::nullopt_t stop() {
        rest_ = {};
        return std::nullopt;
    }

    Bytes rest_;
};

template <std::size_t N>
bool equal(Bytes bytes, const std::array<std::uint8_t, N>& other) {
    return std::equal(bytes.begin(), bytes.end(), other.begin(), other.end());
}

std::string hash_name(Bytes oid) {
    constexpr std::array<std::uint8_t, 5> kSha1 = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
    constexpr std::array<std::uint8_t, 8> kNistHash = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02};
    if (equal(oid, kSha1)) return "sha1";
    if (oid.size() == 9 && equal(oid.first(8), kNistHash)) {
        switch (oid[8]) {
            case 1:
                return "sha256";
            case 2:
                return "sha384";
            case 3:
                return "sha512";
            case 4:
                return "sha224";
        }
    }
    return "unknown";
}

// A Name: a sequence of sets of (attribute type, value).
std::string common_name(Bytes name) {
    constexpr std::array<std::uint8_t, 3> kCommonName = {0x55, 0x04, 0x03};
    DerReader sets(name);
    while (auto set = sets.next()) {
        DerReader attribute = DerReader(set->content).enter(kSequence);
        const Bytes type = attribute.content(kObjectId);
        auto value = attribute.next();
        if (value && equal(type, kCommonName)) return {value->content.begin(), value->content.end()};
    }
    return {};
}

std::vector<std::uint8_t> to_vector(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::optional<ModuleSignature> read_pkcs7(Bytes message) {
    DerReader content_info = DerReader(message).enter(kSequence);
    content_info.next();  // the content's type: signedData
    DerReader signed_data = content_info.enter(kContext0).enter(kSequence);
    signed_data.next();                                 // version
    signed_data.next();                                 // digest algorithms
    signed_data.next();                                 // what is signed: detached
    if (signed_data.at(kContext0)) signed_data.next();  // certificates
    if (signed_data.at(kContext1)) signed_data.next();  // revocation lists
    DerReader signer = signed_data.enter(kSet).enter(kSequence);
    signer.next();  // version
    DerReader issuer_and_serial = signer.enter(kSequence);

    ModuleSignature result;
    result.id_type = "PKCS#7";
    result.signer = common_name(issuer_and_serial.content(kSequence));
    Bytes serial = issuer_and_serial.content(kInteger);
    while (serial.size() > 1 && serial[0] == 0) serial = serial.subspan(1);
    result.key_id = to_vector(serial);
    result.hash_algorithm = hash_name(signer.enter(kSequence).content(kObjectId));
    if (signer.at(kContext0)) signer.next();  // signed attributes
    signer.next();                            // signature algorithm
    result.signature = to_vector(signer.content(kOctetString));
    if (result.key_id.empty() || result.signature.empty()) return std::nullopt;
    return result;
}

}  // namespace

std::optional<ModuleSignature> read_signature(Bytes file) {
    if (file.size() < kMarker.size() + kTrailerSize) return std::nullopt;
    const Bytes marker = file.last(kMarker.size());
    if (!std::equal(marker.begin(), marker.end(), kMarker.begin(),
                    [](std::uint8_t byte, char c) { return byte == static_cast<std::uint8_t>(c); }))
        return std::nullopt;
    file = file.first(file.size() - kMarker.size());
    const Bytes trailer = file.last(kTrailerSize);
    file = file.first(file.size() - kTrailerSize);
    const std::uint8_t id_type = trailer[2];
    const std::size_t length =
        std::size_t{trailer[8]} << 24 | trailer[9] << 16 | trailer[10] << 8 | trailer[11];
    if (id_type != kIdPkcs7 || length > file.size()) return std::nullopt;
    return read_pkcs7(file.last(length));
}

std::string format_hex(Bytes bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0) text += i % 20 == 0 ? ":\n\t\t" : ":";
        text += fmt::format("{:02X}", bytes[i]);
    }
    return text;
}

}  // namespace umc::cli
