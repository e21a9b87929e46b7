package chrono

import (
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// fieldNames are the names of a field's values, from first on.
type fieldNames struct {
	first             int64
	short, long, also []string
}

// nameSet is the names of one language, as the Unicode CLDR has them.
type nameSet struct{ months, days, halves, eras fieldNames }

func names(shortMonths, months, shortDays, days, halves, eras string) *nameSet {
	list := func(text string) []string { return strings.Split(text, "|") }
	return &nameSet{
		months: fieldNames{1, list(shortMonths), list(months), nil},
		days:   fieldNames{1, list(shortDays), list(days), nil},
		halves: fieldNames{0, list(halves), nil, nil},
		eras:   fieldNames{0, list(eras), nil, nil},
	}
}

// findNames gives the names of a language by a tag such as "de" or "de-AT".
func findNames(tag string) (*nameSet, error) {
	lang, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	if lang == "no" {
		lang = "nb"
	}
	set, ok := languages[lang]
	if !ok {
		return nil, fault.Invalidf("no month and day names for locale %q: expected a language such as en, de or fr", tag)
	}
	if lang == "en" {
		english := *set
		english.eras.also = []string{"BCE", "CE"}
		return &english, nil
	}
	return set, nil
}

var languages = map[string]*nameSet{
	"en": names(
		"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec",
		"January|February|March|April|May|June|July|August|September|October|November|December",
		"Mon|Tue|Wed|Thu|Fri|Sat|Sun",
		"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
		"AM|PM",
		"BC|AD",
	),
	"de": names(
		"Jan.|Feb.|März|Apr.|Mai|Juni|Juli|Aug.|Sept.|Okt.|Nov.|Dez.",
		"Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember",
		"Mo.|Di.|Mi.|Do.|Fr.|Sa.|So.",
		"Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag",
		"AM|PM",
		"v. Chr.|n. Chr.",
	),
	"fr": names(
		"janv.|févr.|mars|avr.|mai|juin|juil.|août|sept.|oct.|nov.|déc.",
		"janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
		"lun.|mar.|mer.|jeu.|ven.|sam.|dim.",
		"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
		"AM|PM",
		"av. J.-C.|ap. J.-C.",
	),
	"es": names(
		"ene|feb|mar|abr|may|jun|jul|ago|sept|oct|nov|dic",
		"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre",
		"lun|mar|mié|jue|vie|sáb|dom",
		"lunes|martes|miércoles|jueves|viernes|sábado|domingo",
		"a. m.|p. m.",
		"a. C.|d. C.",
	),
	"it": names(
		"gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic",
		"gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre",
		"lun|mar|mer|gio|ven|sab|dom",
		"lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica",
		"AM|PM",
		"a.C.|d.C.",
	),
	"pt": names(
		"jan.|fev.|mar.|abr.|mai.|jun.|jul.|ago.|set.|out.|nov.|dez.",
		"janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro",
		"seg.|ter.|qua.|qui.|sex.|sáb.|dom.",
		"segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|sábado|domingo",
		"AM|PM",
		"a.C.|d.C.",
	),
	"nl": names(
		"jan.|feb.|mrt.|apr.|mei|jun.|jul.|aug.|sep.|okt.|nov.|dec.",
		"januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december",
		"ma|di|wo|do|vr|za|zo",
		"maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag",
		"a.m.|p.m.",
		"v.Chr.|n.Chr.",
	),
	"pl": names(
		"sty|lut|mar|kwi|maj|cze|lip|sie|wrz|paź|lis|gru",
		"stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia",
		"pon.|wt.|śr.|czw.|pt.|sob.|niedz.",
		"poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela",
		"AM|PM",
		"p.n.e.|n.e.",
	),
	"sv": names(
		"jan.|feb.|mars|apr.|maj|juni|juli|aug.|sep.|okt.|nov.|dec.",
		"januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december",
		"mån|tis|ons|tors|fre|lör|sön",
		"måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag",
		"fm|em",
		"f.Kr.|e.Kr.",
	),
	"da": names(
		"jan.|feb.|mar.|apr.|maj|jun.|jul.|aug.|sep.|okt.|nov.|dec.",
		"januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december",
		"man.|tir.|ons.|tor.|fre.|lør.|søn.",
		"mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag",
		"AM|PM",
		"f.Kr.|e.Kr.",
	),
	"nb": names(
		"jan.|feb.|mar.|apr.|mai|jun.|jul.|aug.|sep.|okt.|nov.|des.",
		"januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember",
		"man.|tir.|ons.|tor.|fre.|lør.|søn.",
		"mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag",
		"a.m.|p.m.",
		"f.Kr.|e.Kr.",
	),
	"fi": names(
		"tammik.|helmik.|maalisk.|huhtik.|toukok.|kesäk.|heinäk.|elok.|syysk.|lokak.|marrask.|jouluk.",
		"tammikuuta|helmikuuta|maaliskuuta|huhtikuuta|toukokuuta|kesäkuuta|heinäkuuta|elokuuta|syyskuuta|lokakuuta|marraskuuta|joulukuuta",
		"ma|ti|ke|to|pe|la|su",
		"maanantaina|tiistaina|keskiviikkona|torstaina|perjantaina|lauantaina|sunnuntaina",
		"ap.|ip.",
		"eKr.|jKr.",
	),
	"cs": names(
		"led|úno|bře|dub|kvě|čvn|čvc|srp|zář|říj|lis|pro",
		"ledna|února|března|dubna|května|června|července|srpna|září|října|listopadu|prosince",
		"po|út|st|čt|pá|so|ne",
		"pondělí|úterý|středa|čtvrtek|pátek|sobota|neděle",
		"dop.|odp.",
		"př. n. l.|n. l.",
	),
	"hu": names(
		"jan.|febr.|márc.|ápr.|máj.|jún.|júl.|aug.|szept.|okt.|nov.|dec.",
		"január|február|március|április|május|június|július|augusztus|szeptember|október|november|december",
		"H|K|Sze|Cs|P|Szo|V",
		"hétfő|kedd|szerda|csütörtök|péntek|szombat|vasárnap",
		"de.|du.",
		"i. e.|i. sz.",
	),
	"ro": names(
		"ian.|feb.|mar.|apr.|mai|iun.|iul.|aug.|sept.|oct.|nov.|dec.",
		"ianuarie|februarie|martie|aprilie|mai|iunie|iulie|august|septembrie|octombrie|noiembrie|decembrie",
		"lun.|mar.|mie.|joi|vin.|sâm.|dum.",
		"luni|marți|miercuri|joi|vineri|sâmbătă|duminică",
		"a.m.|p.m.",
		"î.Hr.|d.Hr.",
	),
	"ru": names(
		"янв.|февр.|мар.|апр.|мая|июн.|июл.|авг.|сент.|окт.|нояб.|дек.",
		"января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря",
		"пн|вт|ср|чт|пт|сб|вс",
		"понедельник|вторник|среда|четверг|пятница|суббота|воскресенье",
		"AM|PM",
		"до н. э.|н. э.",
	),
	"uk": names(
		"січ.|лют.|бер.|квіт.|трав.|черв.|лип.|серп.|вер.|жовт.|лист.|груд.",
		"січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня",
		"пн|вт|ср|чт|пт|сб|нд",
		"понеділок|вівторок|середа|четвер|пʼятниця|субота|неділя",
		"дп|пп",
		"до н. е.|н. е.",
	),
	"el": names(
		"Ιαν|Φεβ|Μαρ|Απρ|Μαΐ|Ιουν|Ιουλ|Αυγ|Σεπ|Οκτ|Νοε|Δεκ",
		"Ιανουαρίου|Φεβρουαρίου|Μαρτίου|Απριλίου|Μαΐου|Ιουνίου|Ιουλίου|Αυγούστου|Σεπτεμβρίου|Οκτωβρίου|Νοεμβρίου|Δεκεμβρίου",
		"Δευ|Τρί|Τετ|Πέμ|Παρ|Σάβ|Κυρ",
		"Δευτέρα|Τρίτη|Τετάρτη|Πέμπτη|Παρασκευή|Σάββατο|Κυριακή",
		"π.μ.|μ.μ.",
		"π.Χ.|μ.Χ.",
	),
	"tr": names(
		"Oca|Şub|Mar|Nis|May|Haz|Tem|Ağu|Eyl|Eki|Kas|Ara",
		"Ocak|Şubat|Mart|Nisan|Mayıs|Haziran|Temmuz|Ağustos|Eylül|Ekim|Kasım|Aralık",
		"Pzt|Sal|Çar|Per|Cum|Cmt|Paz",
		"Pazartesi|Salı|Çarşamba|Perşembe|Cuma|Cumartesi|Pazar",
		"ÖÖ|ÖS",
		"MÖ|MS",
	),
	"ja": names(
		"1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
		"1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
		"月|火|水|木|金|土|日",
		"月曜日|火曜日|水曜日|木曜日|金曜日|土曜日|日曜日",
		"午前|午後",
		"紀元前|西暦",
	),
	"zh": names(
		"1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
		"一月|二月|三月|四月|五月|六月|七月|八月|九月|十月|十一月|十二月",
		"周一|周二|周三|周四|周五|周六|周日",
		"星期一|星期二|星期三|星期四|星期五|星期六|星期日",
		"上午|下午",
		"公元前|公元",
	),
	"ko": names(
		"1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|11월|12월",
		"1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|11월|12월",
		"월|화|수|목|금|토|일",
		"월요일|화요일|수요일|목요일|금요일|토요일|일요일",
		"오전|오후",
		"BC|AD",
	),
}
