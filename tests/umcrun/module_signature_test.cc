// SPDX-License-Identifier: GPL-2.0-only
// Signatures appended to module files.
#include "umcrun/module_signature.h"

#include <doctest/doctest.h>

#include <string>

using namespace umc::cli;

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

// A DER element.
Bytes der(std::uint8_t tag, const Bytes& content) {
    Bytes head{tag};
    if (content.size() < 128)
        head.push_back(static_cast<std::uint8_t>(content.size()));
    else
        head = head + Bytes{0x82, static_cast<std::uint8_t>(content.size() >> 8),
                            static_cast<std::uint8_t>(content.size())};
    return head + content;
}

Bytes oid(const Bytes& content) { return der(0x06, content); }

Bytes pkcs7() {
    const Bytes sha256 = der(0x30, oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}));
    const Bytes organization = der(0x31, der(0x30, oid({0x55, 0x04, 0x0a}) + der(0x0c, bytes("Org"))));
    const Bytes common_name = der(0x31, der(0x30, oid({0x55, 0x04, 0x03}) + der(0x0c, bytes("The Key"))));
    const Bytes issuer = der(0x30, organization + common_name);
    const Bytes serial = der(0x02, {0x00, 0xab, 0x01});
    const Bytes signer = der(0x30, der(0x02, {1}) + der(0x30, issuer + serial) + sha256 +
                                       der(0x30, oid({1})) + der(0x04, Bytes(200, 0x5a)));
    const Bytes signed_data =
        der(0x30, der(0x02, {1}) + der(0x31, sha256) + der(0x30, oid({2})) + der(0x31, signer));
    return der(0x30, oid({3}) + der(0xa0, signed_data));
}

Bytes signed_file(const Bytes& message, std::uint8_t id_type = 2, int extra_length = 0) {
    const std::size_t length = message.size() + static_cast<std::size_t>(extra_length);
    const Bytes trailer = {0,
                           0,
                           id_type,
                           0,
                           0,
                           0,
                           0,
                           0,
                           0,
                           0,
                           static_cast<std::uint8_t>(length >> 8),
                           static_cast<std::uint8_t>(length)};
    return bytes("ELF and so on") + message + trailer + bytes("~Module signature appended~\n");
}

}  // namespace

TEST_CASE("the signer, key and hash are found") {
    auto signature = read_signature(signed_file(pkcs7()));
    REQUIRE(signature);
    CHECK(signature->id_type == "PKCS#7");
    CHECK(signature->signer == "The Key");
    CHECK(signature->key_id == Bytes{0xab, 0x01});
    CHECK(signature->hash_algorithm == "sha256");
    CHECK(signature->signature == Bytes(200, 0x5a));
}

TEST_CASE("what is not a signature is none") {
    CHECK_FALSE(read_signature(bytes("short")));
    CHECK_FALSE(read_signature(Bytes(1000, 'x')));
    CHECK_FALSE(read_signature(signed_file(pkcs7(), 0)));
    CHECK_FALSE(read_signature(signed_file(pkcs7(), 2, 5000)));
    CHECK_FALSE(read_signature(signed_file({})));
}

TEST_CASE("damaged messages are refused or read, never overrun") {
    const Bytes good = pkcs7();
    for (std::size_t length = 0; length < good.size(); ++length)
        CHECK_FALSE(
            read_signature(signed_file(Bytes(good.begin(), good.begin() + static_cast<long>(length)))));
    int refused = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (std::uint8_t flip : {0x01, 0x80, 0xff}) {
            Bytes bad = good;
            bad[i] ^= flip;
            if (!read_signature(signed_file(bad))) ++refused;
        }
    }
    CHECK(refused > 50);
}

TEST_CASE("hexadecimal with kmod's line breaks") {
    CHECK(format_hex(Bytes{}) == "");
    CHECK(format_hex(Bytes{0x0a, 0xff}) == "0A:FF");
    const std::string line(20 * 3 - 1, '0');
    std::string expected;
    for (int i = 0; i < 20; ++i) expected += i ? ":00" : "00";
    CHECK(format_hex(Bytes(20, 0)) == expected);
    CHECK(format_hex(Bytes(21, 0)) == expected + ":\n\t\t00");
}
