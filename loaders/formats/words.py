"""The words feeds use in their headers and for what they list, folded to ours.

One table serves CSV headers and JSON keys, and the words of a ``type`` column are those of the
headers that name a value: ``phone`` heads a column of phones and types a row as one.
"""

import re
import unicodedata
from functools import lru_cache

from blacklist.model import Category, Kind

_PARENTHESIS = re.compile(r"\([^()]*\)")
_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")


_LONGEST_WORD = 100


def fold(text: str) -> str:
    """Return a name without case, accents, punctuation and remarks in parentheses.

    ``Số tài khoản (STK)``, ``so_tai_khoan`` and ``SoTaiKhoan`` are one name. A text too long to
    be a name folds to nothing.
    """
    return _fold(text) if len(text) <= _LONGEST_WORD else ""


@lru_cache(maxsize=4096)
def _fold(text: str) -> str:
    plain = _PARENTHESIS.sub("", text) or text
    decomposed = unicodedata.normalize("NFKD", plain.casefold().replace("đ", "d"))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NEITHER_LETTER_NOR_DIGIT.sub("", letters)


# Of the columns that name one thing, the first of the table that a feed has is read.
ANY_KIND = ("indicator", "indicatorvalue", "ioc", "iocvalue")
ANY_KIND_WEAKLY = ("value", "identifier", "number", "entry")
PHONES = (
    *("phone", "phonenumber", "phoneno", "telephone", "telephonenumber", "tel", "msisdn"),
    *("mobile", "mobilenumber", "mobilephone", "caller", "callerid", "calleridnumber"),
    *("callernumber", "callingnumber", "companyphonenumber", "advertiserbusinessnumber"),
    *("advertiserbusinessphonenumber", "sdt", "sodienthoai", "dienthoai", "sodt", "dtdd"),
    *("thuebao", "sothuebao", "sothuebaolienquan", "sodidong"),
)
ACCOUNTS = (
    *("account", "accountnumber", "accountno", "acct", "acctno", "bankaccount"),
    *(
        "bankaccountnumber",
        "bankaccountnr",
        "bankaccountno",
        "iban",
        "wallet",
        "walletid",
        "ewallet",
    ),
    *("stk", "sotk", "sotaikhoan", "taikhoan", "taikhoannganhang", "sotaikhoannganhang"),
    *("sotaikhoantochuc", "vidientu", "sovidientu", "idvdt", "idvidientu"),
)
ADDRESSES = ("url", "uri", "link", "duongdan", "duonglink")
DOMAINS = (
    *("phishingurl", "maliciousurl", "website", "site", "web", "trangweb", "fqdn", "hostname"),
    *("host", "domain", "domainname", "tenmien", "ip", "ipaddress", "ipv4", "ipv6", "ipdst"),
    *("ipsrc", "ipv4addr", "ipv6addr", "ipport", "ipsrcport", "ipdstport", "domainip"),
    *("hostnameport", "domainaddress", "domena", "adresdomeny"),
)

FIELD_WORDS: dict[str, tuple[str, ...]] = {
    "kind": ("kind", "type", "indicatortype", "ioctype", "loai"),
    "bank": (
        *("bin", "mabin", "bankbin", "bankcode", "manganhang", "bank", "bankname", "nganhang"),
        *("tennganhang", "swift", "bic"),
    ),
    "category": (
        *("category", "threat", "threattype", "fraudtype", "danhmuc", "phanloai", "hinhthuc"),
        *("loailuadao", "hinhthucluadao", "thudoan", "issue"),
    ),
    "since": (
        *("since", "firstseen", "firstsubmitted", "dateadded", "addedat", "added", "createddate"),
        *("createdat", "datecreated", "created", "submissiontime", "submittedat", "ticketcreated"),
        *("reporteddate", "reportedat", "datereported", "ngayphathien", "ngaybaocao", "ngaythem"),
        *("insertdate", "firstseenutc", "ngaytao", "ngay", "thoigian", "date"),
    ),
    "reference": (
        *("reference", "ref", "letter", "caseid", "casenumber", "congvan", "socongvan"),
        *("vanban", "sovanban", "sohieu", "phishdetailurl", "urlhauslink", "reporturl"),
    ),
    "note": (
        *("note", "notes", "comment", "comments", "description", "remark", "remarks"),
        *("ghichu", "mota", "noidung", "lydo", "subject"),
    ),
    "expires": ("expires", "expiry", "expiresat", "validuntil", "hethan", "ngayhethan"),
    "last_seen": (
        *("lastseen", "lastonline", "lastreported", "lastreportedat", "lastreportdate"),
        *("lastactivity", "lastcomplaint", "lastupdate", "lastupdated", "ngaycapnhat"),
    ),
    "reports": (
        *("reports", "reportcount", "reportscount", "numreports", "numberofreports", "votes"),
        *("complaints", "complaintcount", "timesreported", "sobaocao", "soluotbaocao"),
        *("solanbaocao", "luotbaocao"),
    ),
    # When the feed took it back: CERT Polska's DeleteDate.
    "withdrawn": ("deletedate", "deletedat", "removedat", "delistedat", "ngaygo", "ngayxoa"),
    # The feed's own "no indicator": MISP's to_ids.
    "suspected": ("toids",),
    # SIMO's NghiNgo, a code; 0 takes a report back (``suspicions``).
    "suspicion": ("nghingo", "manghingo", "lydonghingo"),
}

PEOPLE = frozenset(
    {"name", "fullname", "firstname", "lastname", "holder", "holdername", "accountholder"}
    | {"accountname", "accountholdername", "accountowner", "owner", "ownername", "beneficiary"}
    | {"beneficiaryname", "customername", "hoten", "hovaten", "ten", "tennguoi", "chutaikhoan"}
    | {"tenchutaikhoan", "tentaikhoan", "chutk", "tenchutk", "tenkhachhang", "chuthuebao"}
    | {"tenchuthuebao", "cmnd", "cccd", "cmndcccd", "cccdcmnd", "cmt", "socmnd", "socccd"}
    | {"cancuoc", "socancuoc", "hochieu", "passport", "passportnumber", "nationalid", "idcard"}
    | {"cif", "socif", "ngaysinh", "dateofbirth", "dob", "namsinh", "gioitinh", "gender", "diachi"}
    | {"diachithuongtru", "thuongtru", "noio", "quequan", "homeaddress", "postaladdress"}
    | {"soid", "loaiid", "sogiayto", "loaigiayto", "sodinhdanh", "sodinhdanhcanhan", "ssn"}
    | {"sogiaytotuythan", "sogttt", "giaytotuythan", "cccdhochieu", "socancuoccongdan"}
    | {"cancuoccongdan", "cmndcccdhochieu", "cmndcccdhc", "hovatenchutaikhoan", "hotenchutaikhoan"}
    | {"hotenchuthuebao", "hovatenchuthuebao", "tenchusohuu", "chusohuu", "nguoithuhuong"}
    | {"tenchuthe", "chuthe", "cardholder", "cardholdername", "cardnumber", "cardno", "card"}
    | {"pan", "sothe", "sothenganhang", "tencongty", "tentochuc", "nguoidaidien", "masothue"}
    | {"nguoidaidienphapluat", "tendoanhnghiep", "victim", "victimname", "nannhan", "tennannhan"}
)
"""Columns about people and cards: never read, kept or shown (docs/design.md, "Privacy")."""

OTHER_TYPES = frozenset(
    {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "ssdeep", "imphash", "tlsh", "hash"}
    | {"filehash", "filehashmd5", "filehashsha1", "filehashsha256", "email", "emailaddr"}
    | {"emailsrc", "emaildst", "emailsubject", "filename", "filepath", "file", "mutex", "cve"}
    | {"vulnerability", "regkey", "yara", "useragent", "asn", "cidr", "btc", "xmr", "text"}
    | {"comment", "username", "appid", "package", "certificate", "md5hash", "sha1hash"}
    | {
        "sha256hash",
        "sha3384hash",
        "filenamemd5",
        "filenamesha1",
        "filenamesha256",
        "filenamesha512",
    }
    | {"filenamepattern", "malwaresample", "malwaretype", "attachment", "regkeyvalue", "pdb"}
    | {"authentihash", "impfuzzy", "pehash", "vhash", "telfhash", "x509fingerprintsha1"}
    | {"x509fingerprintmd5", "x509fingerprintsha256", "ja3fingerprintmd5", "hasshmd5"}
    | {"hasshservermd5", "sshfingerprint", "patterninfile", "patternintraffic", "snort", "sigma"}
    | {"namedpipe", "windowsservicename", "macaddress", "port", "datetime", "hex", "counter"}
    | {"emailbody", "emailreplyto", "emailattachment", "whoisregistrantemail", "jabberid"}
    | {"whoisregistrantname", "githubusername", "twitterid", "campaignname", "threatactor"}
    | {
        "targetuser",
        "targetemail",
        "dnssoaemail",
        "cpe",
        "weakness",
        "cryptowallet",
        "walletaddress",
    }
)
"""Words of a type column for what is no phone, account or link."""

_CATEGORY_WORDS: dict[Category, tuple[str, ...]] = {
    Category.IMPERSONATION_AUTHORITY: (
        *("maodanhcoquan", "giadanhcoquan", "giadanhcongan", "maodanhcongan", "giamaocoquan"),
    ),
    Category.IMPERSONATION_BANK: ("giamaonganhang", "giadanhnganhang", "maodanhnganhang"),
    Category.PRIZE_GIFT: ("prize", "lottery", "trungthuong"),
    Category.INVESTMENT: ("investmentscam", "dautu", "luadaodautu"),
    Category.ECOMMERCE: ("muabanonline", "thuongmaidientu"),
    Category.LABOUR_EXPORT: ("xuatkhaulaodong",),
    Category.REAL_ESTATE: ("batdongsan",),
    Category.LOAN_SHARK: ("loanshark", "tindungden", "vaynanglai"),
    Category.GAMBLING: ("cobac", "danhbac", "cado"),
    Category.EXTORTION: ("blackmail", "tongtien"),
    Category.MULE_ACCOUNT: ("mule", "moneymule", "taikhoanthue", "muabantaikhoan"),
    Category.JUNK_SIM: ("simrac",),
    Category.SPAM_CALL: (
        *("spam", "robocall", "robocalls", "telemarketing", "cuocgoirac", "goirac", "quangcao"),
    ),
    Category.MALWARE_APP: ("malware", "malwaredownload", "maldownload", "madoc"),
    Category.PHISHING: ("phish", "phishingurl", "phishingsite", "credentialphishing"),
}

_KINDS = {
    **dict.fromkeys(PHONES, Kind.PHONE),
    **dict.fromkeys(ACCOUNTS, Kind.ACCOUNT),
    **dict.fromkeys((*ADDRESSES, *DOMAINS), Kind.LINK),
}
_CATEGORIES = {fold(category): category for category in Category} | {
    word: category for category, words in _CATEGORY_WORDS.items() for word in words
}


def find_kind(word: str) -> Kind | None:
    """Return the kind that a word of a type column means; None if it means none of ours."""
    return _KINDS.get(fold(word))


def find_category(word: str) -> Category | None:
    """Return the category that a feed's word plainly means; None leaves it to the source."""
    return _CATEGORIES.get(fold(word))
