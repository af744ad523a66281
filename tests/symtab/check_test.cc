// SPDX-License-Identifier: GPL-2.0-only
#include "symtab/check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/symtab/fixtures.h"
#include "tests/symtab/ko_builder.h"

using namespace umc::symtab;

namespace {

// A kernel, and a directory to write modules to.
struct Bench {
    Bench() { REQUIRE(base.add({}, test_exports())); }
    ~Bench() { std::filesystem::remove_all(dir); }

    std::string write(const std::string& path, const KoBuilder& builder) {
        const auto bytes = builder.build();
        return write(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    std::string write(const std::string& path, std::string_view text) {
        const auto full = std::filesystem::path(dir) / path;
        std::filesystem::create_directories(full.parent_path());
        std::ofstream(full, std::ios::binary) << text;
        return full;
    }
    CheckReport run(const std::vector<std::string>& files, const Symvers* symvers = nullptr) {
        return check(files, base, kernel, symvers);
    }

    SymbolTable base;
    KernelInfo kernel = test_kernel();
    std::string dir = std::string(UMC_FIXTURES) + "/check";
};

// A module whose imports carry the version that KoBuilder's exports have.
KoBuilder user(const std::string& name, const std::vector<std::string>& imports) {
    KoBuilder b(name);
    b.version("module_layout", 0x12345678);
    for (const auto& i : imports) b.import(i, 0xc0ffee);
    return b;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Bench, "the fixtures, of either kind and in any order") {
    for (const std::string importer : {"importer.ko", "importer.so"}) {
        for (const std::string exporter : {"exporter.ko", "exporter.so"}) {
            for (const bool swap : {false, true}) {
                std::vector<std::string> files{fixture(importer), fixture(exporter)};
                if (swap) std::swap(files[0], files[1]);
                const auto report = run(files);
                CHECK_MESSAGE(report.exit_status() == 0, to_text(report));
                const FileReport& f = report.files[swap];
                CHECK(f.name == "importer");
                CHECK(f.needs == std::vector<std::string>{"exporter"});
                CHECK(f.log ==
                      std::vector<std::string>{"importer: loading out-of-tree module taints kernel."});
            }
        }
    }
}

TEST_CASE_FIXTURE(Bench, "missing symbols are grouped by who exports them") {
    const auto symvers = Symvers::parse(
        "0x1\tkmalloc\tvmlinux\tEXPORT_SYMBOL\t\n"
        "0x1\texporter_add\tlib/exporter\tEXPORT_SYMBOL\t\n");
    REQUIRE(symvers);
    const auto file = write("m.ko", user("m", {"kmalloc", "exporter_add", "__snd_one", "snd_two", "solo"}));
    const auto report = run({file}, &*symvers);
    CHECK(report.exit_status() == 1);
    const FileReport& f = report.files[0];
    CHECK_FALSE(f.loadable);
    CHECK(f.err == ENOENT);
    CHECK(f.missing_count() == 5);
    CHECK(f.missing.at("vmlinux") == std::vector<std::string>{"kmalloc"});
    CHECK(f.missing.at("lib/exporter") == std::vector<std::string>{"exporter_add"});
    CHECK(f.missing.at("unknown: snd_") == std::vector<std::string>{"__snd_one", "snd_two"});
    CHECK(f.missing.at("unknown: solo") == std::vector<std::string>{"solo"});
    CHECK(to_text(report) == file +
                                 ": would not load: 5 unknown symbols: kmalloc, ...\n"
                                 "  missing, from lib/exporter (1):\n    exporter_add\n"
                                 "  missing, from unknown: snd_ (2):\n    __snd_one\n    snd_two\n"
                                 "  missing, from unknown: solo (1):\n    solo\n"
                                 "  missing, from vmlinux (1):\n    kmalloc\n");
    const auto json = to_json(report);
    CHECK(json["exit_status"] == 1);
    CHECK(json["files"][0]["missing"]["vmlinux"][0] == "kmalloc");
    CHECK(json["files"][0]["errno"] == ENOENT);
    CHECK(json["files"][0]["log"][0] == "m: Unknown symbol kmalloc (err -2)");
}

TEST_CASE_FIXTURE(Bench, "licence, version and namespace problems") {
    const auto provider = write("p.ko", KoBuilder("p")
                                            .export_symbol("p_gpl", true)
                                            .export_symbol("p_spaced", false, "SPACE")
                                            .export_symbol("p_old"));
    KoBuilder b = user("m", {"p_gpl", "p_spaced"});
    b.import("p_old", 1).modinfo("license", "Proprietary");
    const auto report = run({write("m.ko", b), provider});
    const FileReport& f = report.files[0];
    CHECK_FALSE(f.loadable);
    REQUIRE(f.gpl_only.size() == 1);
    CHECK(f.gpl_only[0].symbol == "p_gpl");
    CHECK(f.gpl_only[0].detail == "p");
    REQUIRE(f.versions.size() == 1);
    CHECK(f.versions[0].symbol == "p_old");
    REQUIRE(f.namespaces.size() == 1);
    CHECK(f.namespaces[0].detail == "SPACE");
    CHECK(report.files[1].loadable);
    const std::string text = to_text(report);
    CHECK(contains(text, "  GPL-only, but the license is 'Proprietary' (1):\n    p_gpl (exported by p)\n"));
    CHECK(contains(text, "  another version (1):\n    p_old (exported by p)\n"));
    CHECK(contains(text, "  namespace not imported (1):\n    p_spaced (namespace SPACE)\n"));
}

TEST_CASE_FIXTURE(Bench, "what needs a module that would not load would not load") {
    const auto a = write("a.ko", user("a", {"absent"}).export_symbol("a_one"));
    const auto b = write("b.ko", user("b", {"a_one"}).export_symbol("b_one"));
    const auto c = write("c.ko", user("c", {"b_one"}));
    const auto d = write("d.ko", user("d", {}));
    const auto report = run({c, d, b, a});
    CHECK(report.exit_status() == 1);
    CHECK(report.files[0].reason == "needs b, which would not load");
    CHECK(report.files[0].blocked == std::vector<std::string>{"b"});
    CHECK(report.files[0].err == 0);
    CHECK(report.files[1].loadable);
    CHECK(report.files[2].reason == "needs a, which would not load");
    CHECK(report.files[3].missing_count() == 1);
    CHECK(contains(to_text(report),
                   "c.ko: would not load: needs b, which would not load\n  needs: b\n  would not load: b\n"));
}

TEST_CASE_FIXTURE(Bench, "modules that need each other") {
    const auto a = write("a.ko", user("a", {"b_one"}).export_symbol("a_one"));
    const auto b = write("b.ko", user("b", {"a_one"}).export_symbol("b_one"));
    const auto c = write("c.ko", user("c", {"b_one"}));
    const auto report = run({a, b, c});
    CHECK(report.files[0].reason == "needs itself in a circle, through b");
    CHECK(report.files[1].reason == "needs itself in a circle, through a");
    CHECK(report.files[2].reason == "needs b, which would not load");
}

TEST_CASE_FIXTURE(Bench, "duplicates") {
    const auto a = write("a.ko", KoBuilder("a").export_symbol("one"));
    const auto b = write("b.ko", KoBuilder("b").export_symbol("one"));
    const auto c = write("c.ko", KoBuilder("c").export_symbol("_printk"));
    const auto report = run({a, b, c, a});
    CHECK(report.files[0].loadable);
    CHECK(report.files[1].err == ENOEXEC);
    CHECK(report.files[1].reason == "exports duplicate symbol one (owned by a)");
    CHECK(report.files[2].reason == "exports duplicate symbol _printk (owned by kernel)");
    CHECK(report.files[3].err == EEXIST);
    CHECK(report.files[3].reason == "module a is given before: " + a);
}

TEST_CASE_FIXTURE(Bench, "malformed and unreadable files") {
    const auto text = write("text.ko", "hello");
    auto report = run({text, fixture("exporter.ko")});
    CHECK(report.exit_status() == 1);
    CHECK(report.files[0].reason == "invalid module format: not an ELF file");
    CHECK(report.files[1].loadable);
    report = run({fixture("exporter.ko"), dir + "/absent.ko"});
    CHECK(report.exit_status() == 2);
    CHECK(to_text(report) == fixture("exporter.ko") + ": would load\n" + dir +
                                 "/absent.ko: cannot read: No such file or directory\n");
    CHECK(to_json(report)["files"][1]["readable"] == false);
}

TEST_CASE_FIXTURE(Bench, "text from a file cannot play tricks on a terminal or break the JSON") {
    KoBuilder b = user("m", {"evil\x1b[2J\xff"});
    b.modinfo("license", "\x1b]0;title\x07\xc3");
    const auto report = run({write("m.ko", b)});
    const std::string text = to_text(report);
    CHECK(std::none_of(text.begin(), text.end(), [](char c) { return (c < ' ' && c != '\n') || c == 127; }));
    CHECK(contains(text, "evil\\x1b[2J\\xff"));
    CHECK_NOTHROW((void)to_json(report).dump());
}

TEST_CASE_FIXTURE(Bench, "summary") {
    const auto report = run({write("kernel/lib/a.ko", user("a", {"absent"}).export_symbol("a_one")),
                             write("kernel/drivers/net/b.ko", user("b", {"a_one", "rare"})),
                             write("kernel/drivers/net/c.ko", user("c", {"absent"})),
                             write("kernel/drivers/block/d.ko", user("d", {})),
                             write("kernel/fs/e.ko", "no module"), write("f.ko", user("f", {"a_one"}))});
    const auto summary = summarize(report);
    CHECK(summary.files == 6);
    CHECK(summary.loadable == 1);
    CHECK(summary.malformed == 1);
    CHECK(summary.unreadable == 0);
    CHECK(summary.exit_status() == 1);
    CHECK(summary.kinds.at("drivers/net").files == 2);
    CHECK(summary.kinds.at("drivers/net").loadable == 0);
    CHECK(summary.kinds.at("drivers/block").loadable == 1);
    CHECK(summary.kinds.at("other").files == 1);
    REQUIRE(summary.wanted.size() == 2);
    CHECK(summary.wanted[0].symbol == "absent");
    CHECK(summary.wanted[0].modules == 2);
    CHECK(summary.wanted[1].symbol == "rare");
    const std::string text = to_text(summary, 1);
    CHECK(contains(text, "modules: 6\nwould load: 1\nwould not load: 4\nmalformed: 1\nunreadable: 0\n"));
    CHECK(contains(text, "      1     1  drivers/block\n"));
    CHECK(contains(text, "most wanted first (1 of 2):\n      2  absent (unknown: absent)\n"));
    CHECK_FALSE(contains(text, "rare"));
    const auto json = to_json(summary, 0);
    CHECK(json["wanted"].size() == 2);
    CHECK(json["kinds"]["fs"]["files"] == 1);
}
