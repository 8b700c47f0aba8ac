import fs from 'node:fs';
import { test } from 'vitest';
import { renderInvoicePdf } from '../../src/render/pdf/invoice.js';
import { renderCreditNotePdf } from '../../src/render/pdf/creditNote.js';
import { renderInvoiceTable } from '../../src/render/invoiceTable.js';
import { creditNoteJson } from '../../src/render/json/creditNote.js';
import { invoiceJson } from '../../src/render/json/invoice.js';
import { locales } from '../../src/render/locale.js';
import { breakdownFees, customer, fee, invoice, invoiceDocument, issuer, at, subscription, subscriptionDocument, billingPeriod } from './samples.js';
import { recordId } from '../../src/ids.js';
import zlib from 'node:zlib';
function png(w:number,h:number){ const raw=Buffer.alloc((w*4+1)*h); for(let y=0;y<h;y++){for(let x=0;x<w;x++){const o=y*(w*4+1)+1+x*4; raw[o]=30;raw[o+1]=90;raw[o+2]=200;raw[o+3]=(x+y)%40<30?255:0;}} const chunk=(t:string,d:Buffer)=>{const len=Buffer.alloc(4);len.writeUInt32BE(d.length);const td=Buffer.concat([Buffer.from(t),d]);let c=~0;for(const b of td){c^=b;for(let k=0;k<8;k++)c=c&1?(c>>>1)^0xedb88320:c>>>1;}const crc=Buffer.alloc(4);crc.writeUInt32BE((~c)>>>0);return Buffer.concat([len,td,crc]);}; const ihdr=Buffer.alloc(13);ihdr.writeUInt32BE(w,0);ihdr.writeUInt32BE(h,4);ihdr[8]=8;ihdr[9]=6; return Buffer.concat([Buffer.from([137,80,78,71,13,10,26,10]),chunk('IHDR',ihdr),chunk('IDAT',zlib.deflateSync(raw)),chunk('IEND',Buffer.alloc(0))]);}
test('x', () => {
  for (const l of locales) fs.writeFileSync(`/tmp/l-${l}.pdf`, renderInvoicePdf(invoiceDocument(breakdownFees(), {billTo: customer({documentLocale:l})}), issuer, {logo: png(300,80)}));
  const uni=[fee('pro',{name:'プロプラン 月額',feeType:'subscription',units:'1',amountCents:9900,currency:'JPY'}),fee('a',{name:'خدمة الرسائل (SMS) 2025',currency:'JPY',amountCents:123456}),fee('b',{name:'Emoji 🚀😀 ✓ \u202Eevil\u001b[31m name',currency:'JPY'}),fee('c',{name:'한국어 이름 / 简体中文 / हिन्दी / ภาษาไทย / עברית',currency:'JPY'}),fee('d',{name:'東京都港区にある非常に長い名前の測定項目であり複数行にわたって折り返される必要があります',currency:'JPY'}),fee('e',{name:'Averyveryveryverylongunbreakablewordthatdoesnotfitintothecolumnatall_0123456789',currency:'JPY'})];
  fs.writeFileSync('/tmp/u-jpy.pdf', renderInvoicePdf(invoiceDocument(uni,{currency:'JPY',billTo:customer({legalName:'株式会社サンプル',firstname:'محمد',lastname:'العربي',address:{addressLine1:'千代田区丸の内1-1',addressLine2:null,city:'東京都',state:null,zipcode:'100-0005',country:'JP'}})}), issuer));
  fs.writeFileSync('/tmp/u-kwd.pdf', renderInvoicePdf(invoiceDocument([fee('pro',{name:'Pro',feeType:'subscription',units:'1',amountCents:9900123,currency:'KWD'}),fee('x',{name:'Calls',units:'0.0001234',amountCents:77,currency:'KWD'})],{currency:'KWD'}), {...issuer,country:'SG'}));
  // several subscriptions
  const subs=['sub_1','sub_2','sub_3']; const fees=subs.flatMap((s,i)=>[fee('pro',{name:'Pro',feeType:'subscription',units:'1',amountCents:9900,subscriptionId:recordId('subscription',s)}),fee('api'+i,{name:'API calls',amountCents:1234*(i+1),units:'100',subscriptionId:recordId('subscription',s)})]);
  const multi=invoiceJson(invoice(fees),{fees,billingPeriods:subs.map(s=>billingPeriod(s,{subscriptionName:'Workspace '+s})),subscriptions:subs.map(s=>subscriptionDocument(subscription(s,{name:'Workspace '+s})))});
  fs.writeFileSync('/tmp/multi.pdf', renderInvoicePdf(multi, issuer));
  const f=breakdownFees(); const inv=invoice(f);
  const note=creditNoteJson({id:'cn',customerId:'c',invoiceId:inv.id,sequentialId:1,number:inv.number+'-CN001',status:'finalized',creditStatus:'available',refundStatus:null,reason:'other',description:'Service outage on January 12th.',currency:'EUR',issuingDate:'2025-02-10' as never,totalAmountCents:1188,preciseTotalAmountCents:'1188',creditAmountCents:1188,refundAmountCents:0,offsetAmountCents:0,balanceAmountCents:1188,taxesAmountCents:198,preciseTaxesAmountCents:'198',taxesRate:20,subTotalExcludingTaxesAmountCents:990,couponsAdjustmentAmountCents:10,preciseCouponsAdjustmentAmountCents:'10',items:[{id:'i',feeId:f[1]!.id,amountCents:1000,preciseAmountCents:'1000'}],appliedTaxes:[{taxId:'t',taxName:'VAT',taxCode:'vat',taxRate:20,taxDescription:null,amountCents:198,baseAmountCents:990}],createdAt:at('2025-02-10T00:00:00Z'),updatedAt:at('2025-02-10T00:00:00Z'),voidedAt:null,refundedAt:null},{invoice:inv,fees:new Map(f.map(x=>[x.id,x]))});
  fs.writeFileSync('/tmp/cn.pdf', renderCreditNotePdf(note, issuer));
  console.log(renderInvoiceTable(invoiceDocument(breakdownFees()),{colour:false,width:100}));
  console.log(renderInvoiceTable(multi,{colour:false,width:70}));
});
