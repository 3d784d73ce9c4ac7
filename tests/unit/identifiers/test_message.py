"""Places in messages: what is found in each, and by saying all of it, what is not.

The messages are invented after the methods that the provincial directives name; what they hold is
nobody's.
"""

import unicodedata

import pytest

from blacklist.identifiers.message import find
from blacklist.model import Kind

WHOLE = (
    "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F"
)
NAMED = (
    "00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA530370454041000"
    "5802VN62150811Chuyen tien6304BBB8"
)
CUT = "00020101021138570010A0000007270127000697040301130011012"

MESSAGES = {
    "impersonation_authority": [
        (
            "Công an: gọi cán bộ 0692348560, nộp vào STK 0000000000001 ngân hàng Vietcombank",
            ["phone 0692348560", "account 0000000000001 @ngân hàng Vietcombank"],
        ),
        (
            "Vien kiem sat: co giay trieu tap. Goi ngay 02499950060 truoc 17h30 ngay 20/11/2026",
            ["phone 02499950060"],
        ),
        (
            "VNeID: dinh danh muc 2 chua xong, cai ung dung tai dichvucong.example/vneid.apk",
            ["link dichvucong.example/vneid.apk"],
        ),
        (
            "Cuc thue: hoan thue 5.250.000d, dang nhap hxxps://thue[.]example/hoan?id=1",
            ["link hxxps://thue[.]example/hoan?id=1"],
        ),
        (
            "CSGT báo phạt nguội, gọi 113 hoặc (024) 9995 0060",
            ["phone 113", "phone (024) 9995 0060"],
        ),
        ("Bộ TT&TT: khóa thuê bao sau 2 giờ, bấm 9191", ["phone 9191"]),
    ],
    "impersonation_bank": [
        (
            "Vietcombank: tai khoan cua quy khach bi khoa. Truy cap https://vn-bank.example/otp.",
            ["link https://vn-bank.example/otp"],
        ),
        (
            "[MB] Dang nhap thiet bi la luc 10:30:05 20-11-2026, huy tai vn-bank(dot)example",
            ["link vn-bank(dot)example"],
        ),
        (
            "TK 0000000000001 +5,000,000VND luc 20/11/2026 10:30. SD 15,000,000VND. OTP 123456",
            ["account 0000000000001"],
        ),
        ("Ma OTP cua ban la 12345678, khong cung cap cho bat ky ai", []),
        (
            "Nang han muc the: lien he +84 912 345 678, so the 4111 1111 1111 1111",
            ["phone +84 912 345 678", "account 4111 1111 1111 1111"],
        ),
    ],
    "account_takeover": [
        ("Mình kẹt quá, ck giúp vào tk mb 0352350917 nhé, mai trả", ["account 0352350917 @mb"]),
        ("Chị ơi cho em mượn 5tr, stk: 0000000000001 vcb", ["account 0000000000001 @vcb"]),
        (
            "Mẹ ơi con đổi số, lưu số này nha O9l2 345 678 (zalo)",
            ["none O9l2 345 678"],
        ),
        (
            "Bình chọn giúp bé tại https://binh-chon.example/be?id=7 nha!",
            ["link https://binh-chon.example/be?id=7"],
        ),
    ],
    "business_email": [
        (
            "Dear Sir, our account is new. IBAN: GB82 WEST 1234 5698 7654 32, ask a@firm.example",
            ["account GB82 WEST 1234 5698 7654 32"],
        ),
        (
            "Please remit to account 0000000000001, SWIFT: DEUTDEFF",
            ["account 0000000000001 @DEUTDEFF"],
        ),
        (
            "Số tài khoản mới: 0000 0000 0000 1\nNgân hàng: Techcombank\nChủ TK: CTY KHONG AI",
            ["account 0000 0000 0000 1 @Techcombank"],
        ),
        ("Invoice INV-2026-11 attached: file.pdf, total 12,500.00 USD", []),
    ],
    "prize_gift": [
        (
            "Chuc mung ban trung thuong xe SH. Soan tin hoac goi 1900 1234, phi 500k",
            ["phone 1900 1234"],
        ),
        ("Nhan qua tai www.qua-tang.example/a).", ["link www.qua-tang.example/a"]),
        ("[Nhận quà](https://qua.example/a_(b)) ngay", ["link https://qua.example/a_(b)"]),
        (
            '<a href="http://qua.example/x?y=1&amp;z=2">qua</a>',
            ["link http://qua.example/x?y=1&amp;z=2"],
        ),
    ],
    "romance": [
        (
            "Kiện hàng kẹt hải quan, gọi +44 7700 900123 hoặc whatsapp +1 202-555-0101",
            ["phone +44 7700 900123", "phone +1 202-555-0101"],
        ),
        ("Anh gửi phí vào ví momo 0912345678", ["account 0912345678 @momo"]),
        ("Kết bạn zalo: 0912.345.678 nhé em", ["phone 0912.345.678"]),
    ],
    "investment": [
        ("San uy tin: san-vang.example, nap tu 10 trieu, lai 30%/thang", ["link san-vang.example"]),
        (
            "Nhóm VIP https://t.me/khong_ai_ca, nạp vào Á Châu 0000000000001",
            ["link https://t.me/khong_ai_ca", "account 0000000000001 @Á Châu"],
        ),
        ("Nạp USDT qua việt-bank.example", ["link việt-bank.example"]),
    ],
    "ecommerce": [
        (
            "Đơn hàng COD 350.000đ, shipper 0912345678 - 0987654321",
            ["none 0912345678", "none 0987654321"],
        ),
        ("Cọc 2,000,000 VND vào VCB/0000000000001", ["account 0000000000001 @VCB"]),
        ("Shop chuyển qua 970436/0000000000001 nhé", ["account 970436/0000000000001"]),
        ("Đặt cọc qua BIN 970422 stk 0352350917", ["account 0352350917 @970422"]),
        (f"Quét mã: {WHOLE} hoặc gọi 0912345678", [f"none {WHOLE}", "phone 0912345678"]),
        (f"Ma QR {NAMED}. Cam on", [f"none {NAMED}"]),
        (
            f"{WHOLE[:50]}\n{WHOLE[50:]}\n0912345678",
            [f"none {WHOLE[:50]}\n{WHOLE[50:]}", "none 0912345678"],
        ),
        (f"{CUT}\nsdt 0912345678", [f"none {CUT}", "phone 0912345678"]),
        (
            "Mã ví 99ZP24009M07248267 hoặc VQRQAAUQA6336",
            ["account 99ZP24009M07248267", "account VQRQAAUQA6336"],
        ),
    ],
    "labour_export": [
        (
            "XKLĐ Nhật lương 40 triệu, LH: 0912345678/0987654321 (Zalo)",
            ["phone 0912345678", "phone 0987654321"],
        ),
        ("Phi ho so 15.000.000 chuyen TK 0000000000001 BIDV", ["account 0000000000001 @BIDV"]),
    ],
    "real_estate": [
        ("Đất nền 100m2 giá 1.250.000.000đ, hotline 1800.1234", ["phone 1800.1234"]),
        ("Em ở 123 Nguyễn Trãi, Sài Gòn. Gọi 0912 345 678", ["phone 0912 345 678"]),
        ("Cty Sài Gòn Xanh mở bán ngày 20/11/2026, ĐT: 028 38250000", ["phone 028 38250000"]),
    ],
    "loan_shark": [
        ("Vay nhanh 50tr khong the chap alo 0912345678ngay", ["phone 0912345678"]),
        ("Tra no vao NN 0000000000001 truoc 17h", ["account 0000000000001 @NN"]),
        ("No qua han, nhan 5656 hoac 156", ["phone 5656", "phone 156"]),
        ("sdt0912345678 stk vcb0000000000001", ["phone 0912345678", "account 0000000000001 @vcb"]),
    ],
    "gambling": [
        (
            "Nha cai no1 http://ca-do.example:8080/a?b=c#d",
            ["link http://ca-do.example:8080/a?b=c#d"],
        ),
        (
            "ca-do.example,xo-so.example;https://bai.example",
            ["link ca-do.example", "link xo-so.example", "link https://bai.example"],
        ),
        ("Vao ca-do.example.Ban se thang", ["link ca-do.example"]),
    ],
    "extortion": [
        (
            "Chuyển 20 triệu vào: 0000000000001 (Techcombank), 0000000000002 (VCB)",
            ["account 0000000000001 @Techcombank", "account 0000000000002 @VCB"],
        ),
        (
            "VCB\n0000000000001\nMB\n0352350917",
            ["account 0000000000001 @VCB", "account 0352350917 @MB"],
        ),
        ("CCCD 001 000 000 001 của bạn đang ở đây", ["identity 001 000 000 001"]),
    ],
    "case_fixing": [
        (
            "Lo án treo: ngân hàng Quân Đội, chi nhánh Hà Nội, số tài khoản 0000000000001",
            ["account 0000000000001 @ngân hàng Quân Đội"],
        ),
        (
            "Liên hệ thẩm phán: sip:+84912345678@host.example",
            ["phone sip:+84912345678@host.example"],
        ),
    ],
    "mule_account": [
        ("Thue tk vcb, mb, acb gia cao zalo 0912345678", ["phone 0912345678"]),
        (
            "MBBank 0352350917; VIB 0000000000001",
            ["account 0352350917 @MBBank", "account 0000000000001 @VIB"],
        ),
        ("stk 123456 acb", ["account 123456 @acb"]),
        (
            "tai khoan 0000000000001 hoac 0000000000002 cung Sacombank",
            ["account 0000000000001", "account 0000000000002 @Sacombank"],
        ),
    ],
    "junk_sim": [
        (
            "Sim rac 0120 1234567, 84912345678, 0084912345678",
            ["none 0120 1234567", "none 84912345678", "none 0084912345678"],
        ),
        ("Sim ０９１２３４５６７８ gia 50k", ["none ０９１２３４５６７８"]),
        ("sim ٠٩١٢٣٤٥٦٧٨", ["none ٠٩١٢٣٤٥٦٧٨"]),
    ],
    "dodged_filters": [
        ("SĐT 0912*345*678", ["phone 0912*345*678"]),
        ("0912_345_678, 0987·654·321", ["none 0912_345_678", "none 0987·654·321"]),
        (
            "0912 - 345 - 678 hoặc 0 9 1 2 3 4 5 6 7 8",
            ["none 0912 - 345 - 678", "none 0 9 1 2 3 4 5 6 7 8"],
        ),
        ("phòng 03, 04, 05 ngày 09/12/2026 10:30", []),
        (
            "vn-bank chấm example, evil dot test/a",
            ["link vn-bank chấm example", "link evil dot test/a"],
        ),
        ("evil.example cham me. vn-bank cham soc khach", ["link evil.example"]),
        (
            "vcb.0000000000001, TK số 2: 0000000000002",
            ["account 0000000000001 @vcb", "account 0000000000002"],
        ),
    ],
    "spam_call": [
        (
            "Cuộc gọi nhỡ từ +855 12 345 678, 00855 12345678",
            ["phone +855 12 345 678", "phone 00855 12345678"],
        ),
        ("tel:+84912345678 goi lai cho 0511 3123456", ["phone +84912345678", "phone 0511 3123456"]),
    ],
    "malware_app": [
        (
            "Cai app intent://evil.example#Intent;scheme=https;end",
            ["none intent://evil.example#Intent;scheme=https;end"],
        ),
        (
            "mo zalo://chat?u=1 hoac market://details?id=x.y",
            ["none zalo://chat?u=1", "none market://details?id=x.y"],
        ),
        (
            "http://192.0.2.1/a.apk hoac 192.0.2.1:8080/b",
            ["link http://192.0.2.1/a.apk", "link 192.0.2.1:8080/b"],
        ),
    ],
    "phishing": [
        (
            "“https://vn-bank.example/a”, <https://vn-bank.example/b>",
            ["link https://vn-bank.example/a", "link https://vn-bank.example/b"],
        ),
        ("vn-bank.example@evil.example/dang-nhap", ["link vn-bank.example@evil.example/dang-nhap"]),
        (
            "**https://evil.example/a** _evil.example_",
            ["link https://evil.example/a", "link evil.example"],
        ),
        (
            "http:evil.example và HTTP://EVIL.EXAMPLE/A",
            ["link http:evil.example", "link HTTP://EVIL.EXAMPLE/A"],
        ),
    ],
    "nothing": [
        ("", []),
        ("Chieu nay an com o TP.HCM nhe, v.v. Gap luc 18:30 ngay 20/11", []),
        ("chuyen khoan.Ban vui long cho, xem file.pdf va a.b", []),
        ("Gia 5.000.000đ, 2,000,000 VND, 500k, 10 triệu, 30%", []),
        ("user.me@gmail.com va a@b.example", []),
        ("Phòng 101, tầng 12, số nhà 123", []),
    ],
}
CASES = [(text, expected) for messages in MESSAGES.values() for text, expected in messages]


def told(text):
    """What is found: ``kind text`` and the bank."""
    found = find(text)
    for place in found:
        assert text[place.start : place.end] == place.text
    return [
        ("identity" if one.refused else str(one.kind).lower())
        + f" {one.text}"
        + (f" @{one.bank}" if one.bank else "")
        for one in found
    ]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=lambda one: str(one)[:40])
def test_a_message_holds(text, expected):
    assert told(text) == expected


def bare(text):
    """The text without accents, as half of all messages are written."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    kept = (one for one in decomposed if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", "".join(kept))


@pytest.mark.parametrize("text", [text for text, _ in CASES], ids=lambda one: one[:40])
@pytest.mark.parametrize(
    "write", [bare, lambda text: unicodedata.normalize("NFD", text), str.upper]
)
def test_accents_and_capitals_do_not_matter(text, write):
    """The same things are found without accents, with decomposed ones and in capitals."""
    found = find(text)
    again = find(write(text))
    assert [write(one.text) for one in found] == [one.text for one in again]
    assert [(one.kind, one.refused) for one in found] == [(one.kind, one.refused) for one in again]
    assert [write(one.bank or "") for one in found] == [one.bank or "" for one in again]


def test_a_bank_with_two_owners_of_its_name_is_told_and_the_account_asked_without():
    """Neither guessed nor lost: the name is a place of its own."""
    account, name = find("STK 0000000000001 BVB")
    assert (account.text, account.kind, account.bank) == ("0000000000001", Kind.ACCOUNT, None)
    assert (name.text, name.bank, name.value) == ("BVB", "BVB", "0000000000001")
    (named,) = find("STK 0000000000001 BVB (Bản Việt)")
    assert named.bank == "BVB (Bản Việt)"


@pytest.mark.parametrize(
    "word", ["MB", "Nam Á", "Sài Gòn", "Ocean", "Cake", "Military", "SC", "NN"]
)
def test_a_common_word_is_a_bank_beside_a_number_or_a_label_only(word):
    (beside,) = find(f"ck {word} 0000000000001")
    (labelled,) = find(f"STK {word}: chủ thẻ Không Ai: 0000000000001")
    (apart,) = find(f"Quán {word} ở phố kia, STK của quán hôm nay là 0000000000001")
    assert (beside.bank, labelled.bank, apart.bank) == (word, word, None)


def test_what_a_kind_cannot_read_as_written_is_asked_in_plain_digits():
    """Another script's digits and look-alike letters in an account's number."""
    (arabic,) = find("stk ٠٠٠٠٠٠٠٠٠٠٠٠١")
    (similar,) = find("stk OO00000000001")
    assert arabic.value == similar.value == "0000000000001"
    assert (arabic.text, similar.text) == ("٠٠٠٠٠٠٠٠٠٠٠٠١", "OO00000000001")


def test_words_and_marks_between_are_not_asked():
    """What was spelt out or parted by odd marks is asked in plain writing."""
    spelt, parted = find("evil chấm example/a?b hoặc 0912*345*678")
    assert (spelt.value, parted.value) == ("evil.example/a?b", "0912345678")


def test_a_number_before_a_full_stop_is_no_host():
    """Where the next word is in title case: nothing else tells the two apart."""
    assert told("0912345678.Co gi goi lai") == ["none 0912345678"]


def test_hidden_marks_do_not_hide_a_number():
    (found,) = find("gọi 0912\u200b345\u200b678 ngay")
    assert found.text == "0912\u200b345\u200b678"


def test_short_codes_are_those_of_the_region():
    assert find("gọi 113", region="GB") == ()
    assert find("số nhà 113") == ()


def test_a_code_is_one_place_however_it_is_damaged():
    """Nothing inside it is found again."""
    codes = (WHOLE[:-4], WHOLE.lower(), WHOLE[2:], WHOLE.replace("38570010", "38990010"))
    for code in codes:
        (found,) = find(f"quét {code}\n")
        assert found.text == code
